//! Everything around the product.

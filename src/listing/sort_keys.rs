//! What a list can be sorted by, as a type.
//!
//! A key stands once, in the list's `sort_keys!`. Who orders the rows matches on it, and so does who
//! decides whether the server can: a new key compiles only when both have an answer for it.

/// What a list can be sorted by.
pub trait SortKey: Copy + 'static {
    /// The one that stands in the address; `None` for what the address makes up.
    fn of(text: &str) -> Option<Self>;
}

/// For lists that have one order.
impl SortKey for () {
    fn of(_: &str) -> Option<()> {
        Some(())
    }
}

/// Declares what a list can be sorted by: each with the key that stands for it in the address, which
/// is the server's where it has one.
///
/// ```
/// synapse_admin::sort_keys! {
///     /// What fruits can be sorted by.
///     FruitOrder {
///         Name: "name",
///         Weight: "weight",
///     }
/// }
/// assert_eq!(FruitOrder::parse("weight"), Some(FruitOrder::Weight));
/// assert_eq!(FruitOrder::parse("colour"), None);
/// assert_eq!(FruitOrder::Weight.key(), "weight");
/// ```
#[macro_export]
macro_rules! sort_keys {
    (
        $(#[$of_all:meta])*
        $name:ident { $($(#[$of_one:meta])* $key:ident: $text:expr,)+ }
    ) => {
        $(#[$of_all])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of_one])* $key,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$key),+];

            /// As the address has it.
            pub const fn key(self) -> &'static str {
                match self {
                    $($name::$key => $text,)+
                }
            }

            /// The one that stands in the address; `None` for what the address makes up.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.key() == text)
            }
        }

        impl $crate::listing::sort_keys::SortKey for $name {
            fn of(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }

        impl From<$name> for &'static str {
            fn from(order: $name) -> &'static str {
                order.key()
            }
        }
    };
}

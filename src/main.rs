//! Mounts the app, nothing else.

#[cfg(target_arch = "wasm32")]
fn main() {
    synapse_admin::app::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Synapse Admin runs in a browser. Try: cargo xtask demo");
    std::process::exit(2);
}

//! The encodings from before Unicode, as the browser decodes them.

use crate::import::decode::{Decode, Decoders};
use wasm_bindgen::JsCast;
use web_sys::{TextDecodeOptions, TextDecoder, TextDecoderOptions};

/// The decoders of the browser.
pub struct BrowserDecoders;

impl Decoders for BrowserDecoders {
    fn decoder(&self, label: &'static str) -> Option<Box<dyn Decode>> {
        let options = TextDecoderOptions::new();
        options.set_fatal(true);
        let decoder = TextDecoder::new_with_label_and_options(label, &options).ok()?;
        Some(Box::new(BrowserDecoder(decoder)))
    }
}

struct BrowserDecoder(TextDecoder);

impl Decode for BrowserDecoder {
    fn decode(&mut self, bytes: &[u8], is_last: bool) -> Option<String> {
        let options = TextDecodeOptions::new();
        options.set_stream(!is_last);
        let bytes = js_sys::Uint8Array::from(bytes);
        let view: &js_sys::Object = bytes.unchecked_ref();
        self.0
            .decode_with_buffer_source_and_options(view, &options)
            .ok()
    }
}

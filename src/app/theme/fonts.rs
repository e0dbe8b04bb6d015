//! Type: Inter for the interface, egui's Hack for code and as a fallback for what Inter lacks, so that no label
//! shows a box. `assets/fonts/OFL.txt` is Inter's licence.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontId};

const SEMI_BOLD: &str = "Inter SemiBold";

/// Registers the fonts and the order in which they are asked for a glyph.
pub fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::default();
    let regular = include_bytes!("../../../assets/fonts/Inter-Regular.otf");
    let semi_bold = include_bytes!("../../../assets/fonts/Inter-SemiBold.otf");
    fonts.font_data.insert("Inter".to_owned(), Arc::new(FontData::from_static(regular)));
    fonts.font_data.insert(SEMI_BOLD.to_owned(), Arc::new(FontData::from_static(semi_bold)));
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    proportional.push("Hack".to_owned());
    let fallbacks = proportional.clone();
    proportional.insert(0, "Inter".to_owned());
    let strong = std::iter::once(SEMI_BOLD.to_owned()).chain(fallbacks).collect();
    fonts.families.insert(FontFamily::Name(SEMI_BOLD.into()), strong);
    fonts.families.entry(FontFamily::Monospace).or_default().push("Inter".to_owned());
    ctx.set_fonts(fonts);
}

/// The heavier face, for what is read first.
pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMI_BOLD.into()))
}

/// Titles of dialogs and of the empty stage.
pub fn title() -> FontId {
    medium(20.0)
}

//! Colours of both themes, and the sizes that they share. Every text has a contrast of at least 4.5 on every ground
//! (WCAG 2.2, 1.4.3 at level AA), every curve one of 3 (1.4.11).

use egui::{Color32, Visuals};
use serde::{Deserialize, Serialize};

/// The unit of spacing, in points.
pub const GAP: f32 = 8.0;
/// Corners of controls.
pub const RADIUS: u8 = 6;
/// Corners of cards, dialogs and pictures.
pub const RADIUS_LARGE: u8 = 10;

/// Light, dark, or what the desktop says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light text on dark.
    #[default]
    Dark,
    /// Dark text on light.
    Light,
    /// White and yellow on black, with strong lines: for eyes that need them.
    Contrast,
    /// The desktop's choice of dark and light.
    System,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::Contrast, Self::System];
    /// The colours among which the desktop chooses.
    pub const SYSTEM: [&'static Tokens; 2] = [&DARK, &LIGHT];

    /// Its colours; none where the desktop chooses.
    pub fn tokens(self) -> Option<&'static Tokens> {
        match self {
            Self::Dark => Some(&DARK),
            Self::Light => Some(&LIGHT),
            Self::Contrast => Some(&CONTRAST),
            Self::System => None,
        }
    }
}

/// The colours of one theme.
#[derive(Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Whether light text stands on dark.
    pub dark: bool,
    /// Behind the pictures.
    pub stage: Color32,
    /// Rail, inspector, bar.
    pub panel: Color32,
    /// Inputs and buttons.
    pub raised: Color32,
    /// The same under the pointer.
    pub hover: Color32,
    /// The same while pressed, and the chosen one of several.
    pub active: Color32,
    /// Dialogs, menus and toasts.
    pub sheet: Color32,
    /// Lines between regions and around inputs.
    pub border: Color32,
    /// The same under the pointer.
    pub border_strong: Color32,
    /// What is read first.
    pub text: Color32,
    /// Labels and help.
    pub text_weak: Color32,
    /// Hints and captions.
    pub text_faint: Color32,
    /// The one colour: what to press, what is chosen, what moves.
    pub accent: Color32,
    /// The same under the pointer.
    pub accent_hover: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The accent as text or line on a panel.
    pub accent_text: Color32,
    /// A wash of the accent.
    pub accent_soft: Color32,
    /// Behind text that is selected.
    pub selection: Color32,
    /// Errors.
    pub danger: Color32,
    /// Things to know.
    pub warning: Color32,
    /// Things done.
    pub success: Color32,
    /// Cells that wait for a picture.
    pub empty_cell: Color32,
    /// Over the window, behind a dialog.
    pub backdrop: Color32,
    /// Curves beside each other, told apart by those who see red and green alike too.
    pub curves: [Color32; CURVES],
}

/// Curves of different colours.
const CURVES: usize = 8;

static DARK: Tokens = Tokens {
    dark: true,
    stage: Color32::from_rgb(0x0d, 0x0e, 0x12),
    panel: Color32::from_rgb(0x15, 0x17, 0x1c),
    raised: Color32::from_rgb(0x1e, 0x21, 0x28),
    hover: Color32::from_rgb(0x27, 0x2b, 0x34),
    active: Color32::from_rgb(0x2f, 0x34, 0x40),
    sheet: Color32::from_rgb(0x1a, 0x1d, 0x23),
    border: Color32::from_rgb(0x2a, 0x2e, 0x37),
    border_strong: Color32::from_rgb(0x42, 0x48, 0x55),
    text: Color32::from_rgb(0xe9, 0xeb, 0xf1),
    text_weak: Color32::from_rgb(0xa6, 0xad, 0xba),
    text_faint: Color32::from_rgb(0x95, 0x9d, 0xac),
    accent: Color32::from_rgb(0x5b, 0x64, 0xed),
    accent_hover: Color32::from_rgb(0x4f, 0x58, 0xe0),
    on_accent: Color32::WHITE,
    accent_text: Color32::from_rgb(0x9d, 0xa5, 0xff),
    accent_soft: Color32::from_rgb(0x23, 0x26, 0x3f),
    selection: Color32::from_rgba_premultiplied(50, 55, 130, 140), // the accent, half through
    danger: Color32::from_rgb(0xff, 0x7b, 0x7b),
    warning: Color32::from_rgb(0xf0, 0xb4, 0x5a),
    success: Color32::from_rgb(0x5f, 0xd0, 0x9a),
    empty_cell: Color32::from_rgb(0x15, 0x17, 0x1d),
    backdrop: Color32::from_black_alpha(150),
    curves: [
        Color32::from_rgb(0x8f, 0x98, 0xff),
        Color32::from_rgb(0xf2, 0xa6, 0x3c),
        Color32::from_rgb(0x4f, 0xd1, 0xa5),
        Color32::from_rgb(0xff, 0x7b, 0xac),
        Color32::from_rgb(0x58, 0xc4, 0xf2),
        Color32::from_rgb(0xe6, 0xd8, 0x5c),
        Color32::from_rgb(0xc3, 0x8b, 0xff),
        Color32::from_rgb(0xff, 0x8a, 0x66),
    ],
};

static LIGHT: Tokens = Tokens {
    dark: false,
    stage: Color32::from_rgb(0xe9, 0xeb, 0xf0),
    panel: Color32::from_rgb(0xf8, 0xf9, 0xfb),
    raised: Color32::WHITE,
    hover: Color32::from_rgb(0xee, 0xf0, 0xf5),
    active: Color32::from_rgb(0xe2, 0xe5, 0xed),
    sheet: Color32::WHITE,
    border: Color32::from_rgb(0xd8, 0xdc, 0xe4),
    border_strong: Color32::from_rgb(0xb4, 0xbb, 0xc8),
    text: Color32::from_rgb(0x17, 0x1a, 0x21),
    text_weak: Color32::from_rgb(0x4f, 0x57, 0x66),
    text_faint: Color32::from_rgb(0x5d, 0x65, 0x75),
    accent: Color32::from_rgb(0x4c, 0x55, 0xe3),
    accent_hover: Color32::from_rgb(0x3e, 0x47, 0xd4),
    on_accent: Color32::WHITE,
    accent_text: Color32::from_rgb(0x43, 0x4c, 0xd6),
    accent_soft: Color32::from_rgb(0xe6, 0xe8, 0xfd),
    selection: Color32::from_rgb(0xc9, 0xce, 0xfb),
    danger: Color32::from_rgb(0xb8, 0x2a, 0x2f),
    warning: Color32::from_rgb(0x8a, 0x58, 0x06),
    success: Color32::from_rgb(0x0e, 0x72, 0x46),
    empty_cell: Color32::from_rgb(0xe0, 0xe3, 0xea),
    backdrop: Color32::from_black_alpha(90),
    curves: [
        Color32::from_rgb(0x43, 0x4c, 0xd6),
        Color32::from_rgb(0xb5, 0x62, 0x00),
        Color32::from_rgb(0x0a, 0x7f, 0x5c),
        Color32::from_rgb(0xc2, 0x26, 0x6a),
        Color32::from_rgb(0x08, 0x78, 0xa8),
        Color32::from_rgb(0x7d, 0x70, 0x00),
        Color32::from_rgb(0x85, 0x38, 0xcc),
        Color32::from_rgb(0xb8, 0x3c, 0x12),
    ],
};

static CONTRAST: Tokens = Tokens {
    dark: true,
    stage: Color32::from_rgb(0x00, 0x00, 0x00),
    panel: Color32::from_rgb(0x01, 0x01, 0x01),
    raised: Color32::from_rgb(0x0c, 0x0c, 0x0c),
    hover: Color32::from_rgb(0x26, 0x26, 0x26),
    active: Color32::from_rgb(0x33, 0x33, 0x33),
    sheet: Color32::from_rgb(0x06, 0x06, 0x06),
    border: Color32::from_rgb(0x9a, 0x9a, 0x9a),
    border_strong: Color32::WHITE,
    text: Color32::WHITE,
    text_weak: Color32::from_rgb(0xf0, 0xf0, 0xf0),
    text_faint: Color32::from_rgb(0xd8, 0xd8, 0xd8),
    accent: Color32::from_rgb(0xff, 0xd9, 0x1a),
    accent_hover: Color32::from_rgb(0xff, 0xe7, 0x70),
    on_accent: Color32::BLACK,
    accent_text: Color32::from_rgb(0xff, 0xd9, 0x1a),
    accent_soft: Color32::from_rgb(0x33, 0x2a, 0x00),
    selection: Color32::from_rgb(0x66, 0x55, 0x00),
    danger: Color32::from_rgb(0xff, 0xb4, 0xb4),
    warning: Color32::from_rgb(0xff, 0xc0, 0x70),
    success: Color32::from_rgb(0x80, 0xff, 0xb8),
    empty_cell: Color32::from_rgb(0x14, 0x14, 0x14),
    backdrop: Color32::from_black_alpha(200),
    curves: [
        Color32::from_rgb(0xff, 0xd9, 0x1a),
        Color32::from_rgb(0x6e, 0xd8, 0xff),
        Color32::from_rgb(0xff, 0x94, 0xc8),
        Color32::from_rgb(0x80, 0xff, 0xb8),
        Color32::WHITE,
        Color32::from_rgb(0xff, 0xa8, 0x5c),
        Color32::from_rgb(0xc8, 0xb0, 0xff),
        Color32::from_rgb(0xc8, 0xf0, 0x50),
    ],
};

impl Tokens {
    /// The tokens that egui's colours were made of: no two themes of one darkness have the same panels.
    pub fn of(visuals: &Visuals) -> &'static Self {
        let mut all = Theme::ALL.into_iter().filter_map(Theme::tokens);
        all.find(|tokens| (tokens.dark, tokens.panel) == (visuals.dark_mode, visuals.panel_fill))
            .unwrap_or(if visuals.dark_mode { &DARK } else { &LIGHT })
    }

    /// Which of egui's two styles is in its colours.
    pub fn slot(&self) -> egui::Theme {
        if self.dark { egui::Theme::Dark } else { egui::Theme::Light }
    }

    /// The colour of curve `number`; after the last one they begin anew.
    pub fn series(&self, number: usize) -> Color32 {
        self.curves[number % CURVES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance after WCAG 2.
    fn luminance(colour: Color32) -> f64 {
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn text_is_readable_on_everything_that_it_stands_on() {
        for tokens in Theme::ALL.into_iter().filter_map(Theme::tokens) {
            let Tokens { stage, panel, raised, hover, active, sheet, accent_soft, empty_cell, .. } = *tokens;
            for ground in [stage, panel, raised, hover, active, sheet, accent_soft, empty_cell] {
                let Tokens { text, text_weak, text_faint, accent_text, danger, warning, success, .. } = *tokens;
                for text in [text, text_weak, text_faint, accent_text, danger, warning, success] {
                    assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {:.2}", contrast(text, ground));
                }
            }
            for ground in [tokens.accent, tokens.accent_hover] {
                assert!(contrast(tokens.on_accent, ground) >= 4.5, "text on {ground:?}");
            }
            for curve in tokens.curves {
                assert!(contrast(curve, tokens.stage) >= 3.0, "{curve:?} on the stage");
            }
        }
    }

    /// WCAG 2.2, 1.4.6 at level AAA.
    #[test]
    fn high_contrast_is_high() {
        for ground in [CONTRAST.stage, CONTRAST.panel, CONTRAST.raised, CONTRAST.sheet, CONTRAST.active] {
            for text in [CONTRAST.text, CONTRAST.text_weak, CONTRAST.text_faint, CONTRAST.accent_text, CONTRAST.danger]
            {
                assert!(contrast(text, ground) >= 7.0, "{text:?} on {ground:?}: {:.2}", contrast(text, ground));
            }
        }
    }

    #[test]
    fn a_theme_is_told_by_its_panels() {
        let all: Vec<_> = Theme::ALL.into_iter().filter_map(Theme::tokens).collect();
        for (at, tokens) in all.iter().enumerate() {
            let same = |other: &&&Tokens| (other.dark, other.panel) == (tokens.dark, tokens.panel);
            assert_eq!(all.iter().position(|other| same(&other)), Some(at));
        }
    }
}

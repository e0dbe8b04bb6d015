//! The look, in one place: colours, spacing, radii and type as tokens, and what egui is told of them. Panels and
//! widgets name tokens and never a colour of their own.

mod fonts;
mod heat;
pub mod icons;
mod style;
mod tokens;

pub use fonts::{medium, title};
pub use heat::heat;
pub use icons::Icon;
pub use tokens::{GAP, RADIUS, RADIUS_LARGE, Tokens};

use serde::{Deserialize, Serialize};

/// Light, dark, or what the desktop says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Light text on dark.
    #[default]
    Dark,
    /// Dark text on light.
    Light,
    /// The desktop's choice.
    System,
}

impl Theme {
    /// Tells egui.
    pub fn apply(self, ctx: &egui::Context) {
        ctx.set_theme(match self {
            Self::Dark => egui::ThemePreference::Dark,
            Self::Light => egui::ThemePreference::Light,
            Self::System => egui::ThemePreference::System,
        });
    }
}

/// Sets fonts and both styles, once.
pub fn install(ctx: &egui::Context) {
    fonts::install(ctx);
    style::install(ctx);
}

/// The tokens of the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    Tokens::of(ui.visuals().dark_mode)
}

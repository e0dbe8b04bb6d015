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
pub use tokens::{GAP, RADIUS, RADIUS_LARGE, Theme, Tokens};

/// Sets fonts and styles, once.
pub fn install(ctx: &egui::Context) {
    fonts::install(ctx);
    Theme::SYSTEM.into_iter().for_each(|tokens| style::set(ctx, tokens));
}

/// Shows a theme from now on.
pub fn apply(theme: Theme, ctx: &egui::Context) {
    ctx.set_theme(match theme.tokens() {
        Some(tokens) => tokens.slot().into(),
        None => egui::ThemePreference::System,
    });
    // Each of egui's two styles has the colours of one theme at a time.
    for tokens in theme.tokens().map_or(Theme::SYSTEM.to_vec(), |tokens| vec![tokens]) {
        if Tokens::of(&ctx.style_of(tokens.slot()).visuals) != tokens {
            style::set(ctx, tokens);
        }
    }
}

/// The tokens of the theme that `ui` is drawn in.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    Tokens::of(ui.visuals())
}

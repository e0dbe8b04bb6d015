//! How the curves of the dashboard are drawn.

use super::curve::Along;

/// How the curves are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What they run along.
    pub along: Along,
    /// How much of the smoothed curve each step keeps of the step before, 0 to below 1.
    pub smoothing: f32,
    /// Whether the loss is on a logarithmic scale.
    pub logarithmic: bool,
    /// Whether a view that was zoomed moves on with the newest step.
    pub follow: bool,
}

/// The smoothing of a new dashboard.
pub const SMOOTHING: f32 = 0.95;

impl Default for Options {
    fn default() -> Self {
        Self { along: Along::Step, smoothing: SMOOTHING, logarithmic: true, follow: true }
    }
}

//! Several views of one picture, each with its prompt.

use crate::diffusion::estimate::Reduce;
use crate::views::ViewSpec;

settings! {
    /// Views and how they come together.
    Views in views {
        /// How each prompt sees the picture: NAME[:PARAM=VALUE,…]
        view: Vec<ViewSpec> = Vec::new(), "View", View, many;
        /// How much each view counts
        weight: Vec<f64> = Vec::new(), "Weight", Number(-100.0, 100.0), many;
        /// How the views come together: mean, sum, one a step in turn, or each most where its own upper part is
        reduce: Reduce = Reduce::Mean, "Reduction", Choice(|| vec!["mean", "sum", "alternate", "upper"]);
    }
}

//! Two settings with their values, across and down.

use crate::experiments::Axis;

settings! {
    /// The sides of a grid.
    Grid in grid {
        /// KEY=VALUE,VALUE,…: a setting and its values, one column each; apart by `;` where they hold commas, several at
        /// once by `|`
        x: Option<Axis> = None, "Grid across", Axis, fixed;
        /// KEY=VALUE,VALUE,…: the same with one row each, such as "view=flip_vertical;skew:factor=2"
        y: Option<Axis> = None, "Grid down", Axis, fixed;
    }
}

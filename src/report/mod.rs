//! The course's experiments as one static page: which figures, in which order, and the page that shows them.

mod course;
mod curve;
mod page;

pub use course::{FIGURES, Figure};
pub use curve::loss_curve;
pub use page::{Entry, Page};

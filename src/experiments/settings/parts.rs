//! Several parts of one picture, each with its prompt.

use crate::decompositions::DecompositionSpec;

settings! {
    /// A decomposition and what becomes of its parts.
    Parts in parts {
        /// The parts of the picture, one for each prompt: NAME[:PARAM=VALUE,…]
        decomposition: Option<DecompositionSpec> = None, "Decomposition", Decomposition;
        /// How much of the other parts each part's prompt does not see: 0 all at once, as published, to 1 each by itself
        apart: f64 = 0.0, "Separation", Number(0.0, 1.0);
        /// The part that is held to the source picture
        hold: Option<String> = None, "Held part", Text;
    }
}

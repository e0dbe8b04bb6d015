//! Which workspace a panel has.

/// What stands in the middle beside the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workspace {
    /// None: only pictures.
    Pictures,
    /// The mask, painted on the source.
    Mask,
    /// The source, drawn or painted over.
    Drawing,
    /// The source at any noise.
    Noise,
    /// An anagram that turns.
    Anagram,
    /// A hybrid from near and far.
    Hybrid,
    /// The dashboard of training, instead of pictures.
    Training,
    /// The page of scores, instead of pictures.
    Score,
}

//! What a member is made from once the size of the pictures is known: numbers in stage I's pixels, and both sides.

/// The values of a spec with the sizes that they are meant for.
pub struct Request<'a> {
    /// The values of the member's parameters, in their order.
    pub values: &'a [f64],
    /// The side of the pictures, in pixels.
    pub size: usize,
    /// The side at stage I; `size` is a multiple of it.
    pub base: usize,
}

impl Request<'_> {
    /// A whole parameter.
    pub fn whole(&self, index: usize) -> usize {
        self.values[index] as usize
    }

    /// A length in pixels of this size.
    pub fn length(&self, index: usize) -> f64 {
        self.values[index] * self.factor() as f64
    }

    /// How many pixels stand for one of stage I's, along a side.
    pub fn factor(&self) -> usize {
        self.size / self.base
    }
}

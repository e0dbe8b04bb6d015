//! The classical way to clean a noised picture, for comparison.

settings! {
    /// A Gaussian blur.
    Blur in blur {
        /// Side of the classical blur's kernel in pixels, odd
        kernel: usize = 5, "Blur kernel", Whole(1, 255);
        /// σ of the classical blur, in pixels
        sigma: f64 = 2.0, "Blur σ", Number(0.01, 100.0);
    }
}

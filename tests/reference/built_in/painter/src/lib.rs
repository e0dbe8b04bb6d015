//! Draws the captioned pictures that the built-in model is trained on: every one by code, from one number.
//!
//! A *subject* paints on a *canvas* with shapes, noise and solids, under a *weather*, perhaps in a *backdrop*; a *style* then renders
//! the canvas as a photo, an oil painting, a lithograph … `compose` does all of it; `main` makes sheets to look at and pools to train on.

pub mod backdrop;
pub mod canvas;
pub mod compose;
pub mod math;
pub mod noise;
pub mod picture;
pub mod random;
pub mod shape;
pub mod solid;
pub mod styles;
pub mod subjects;
pub mod weather;

//! All integration tests in one binary: one module a room of `src`.

mod models;
mod weights;

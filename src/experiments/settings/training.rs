//! How a network is trained; what is not given is the course's number for its kind.

use crate::experiments::training_settings;

settings! {
    /// A training run.
    Training in training {
        /// Passes through the data
        epochs: Option<usize> = None, "Epochs", Whole(1, 10_000), slider(1.0, 50.0),
        suits(|recipe, _| Some(training_settings(recipe).epochs as f64));
        /// Stop after this step, before the epochs are over
        max_steps: Option<usize> = None, "Last step", Whole(1, 100_000_000), typed;
        /// Digits of one training step, 2 to 8192
        batch: Option<usize> = None, "Batch", Whole(2, 8192), slider(2.0, 512.0),
        suits(|recipe, _| Some(training_settings(recipe).batch as f64));
        /// D: channels at full resolution, 1 to 1024
        hidden: Option<usize> = None, "Hidden channels D", Whole(1, 1024), slider(4.0, 128.0),
        suits(|recipe, _| Some(training_settings(recipe).hidden as f64));
        /// Adam's learning rate in the first epoch
        lr: Option<f64> = None, "Learning rate", Number(1e-9, 10.0), typed,
        suits(|recipe, _| Some(training_settings(recipe).learning_rate));
        /// Leave the learning rate as it is, instead of letting it fall to a tenth over the run
        constant_lr: bool = false, "Constant learning rate", Switch;
        /// Decay per step of averaged weights, such as 0.999
        ema: Option<f64> = None, "Averaged weights", Number(0.0, 0.999_999), typed;
        /// A run's resume.safetensors, to go on exactly where it was saved
        resume: Option<String> = None, "Resume", File;
        /// A checkpoint whose weights training begins with
        init: Option<String> = None, "Initial weights", File;
    }
}

//! What judges drawn digits, and which.

settings! {
    /// The judge and what it is shown.
    Scoring in scoring {
        /// A trained digit classifier; the program's own without it
        classifier: Option<String> = None, "Classifier", File;
        /// A folder that digits-sample wrote, to score it instead of new samples
        samples: Option<String> = None, "Samples", Folder;
    }
}

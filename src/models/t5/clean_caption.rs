pub fn plain_caption(prompt: &str) -> String {
    prompt.to_lowercase()
}
pub fn clean_caption(prompt: &str) -> String {
    prompt.to_lowercase()
}

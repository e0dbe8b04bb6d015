//! Numbers of bytes in words.

/// A number of bytes as disks and the hub count them: 1 kB is 1000 bytes.
pub fn size(bytes: u64) -> String {
    const NAMES: [&str; 4] = ["bytes", "kB", "MB", "GB"];
    let mut value = bytes as f64;
    let mut name = 0;
    while value >= 1000.0 && name + 1 < NAMES.len() {
        value /= 1000.0;
        name += 1;
    }
    let digits = if name > 0 && value < 10.0 { 1 } else { 0 };
    format!("{value:.digits$} {}", NAMES[name])
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_read_well() {
        let sizes =
            [(0, "0 bytes"), (999, "999 bytes"), (1630, "1.6 kB"), (743_000_000, "743 MB"), (11_540_000_000, "12 GB")];
        for (bytes, text) in sizes {
            assert_eq!(super::size(bytes), text);
        }
    }
}

use diffusion_lab::files::{limits, size};

/// README tells the limits that are kept.
#[test]
fn the_table_of_limits_is_the_programs() {
    let table = std::fs::read_to_string("README.md").unwrap();
    let number = |number: u64| {
        let digits = number.to_string();
        let pieces: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|piece| std::str::from_utf8(piece).unwrap()).collect();
        pieces.join(",")
    };
    let of = |limit: limits::Limit| size(limit.most);
    for (what, most) in [
        ("a picture or mask", format!("{}, {} pixels", of(limits::PICTURE), number(limits::PIXELS))),
        ("pictures that a PNG carries, together", format!("{} pixels", number(limits::CARRIED_PIXELS))),
        ("compressed texts of a PNG", format!("{} MiB", limits::INFLATED_BYTES >> 20)),
        ("a recipe's JSON", of(limits::RECIPE_TEXT)),
        (
            "one text of a recipe; the prompts of all cells of a grid",
            format!("{} bytes; {} bytes", number(limits::TEXT as u64), number(limits::TEXTS as u64)),
        ),
        ("values of a setting, pictures of a job", number(limits::RUNS as u64)),
        ("steps of a job", number(limits::STEPS as u64)),
        ("RePaint's resamplings", number(limits::RESAMPLINGS as u64)),
        ("layers of one level of a network, or of an encoder", number(limits::LAYERS as u64)),
        ("a config, an index, the session", of(limits::CONFIG)),
        ("a config, an index, the session", of(limits::SESSION)),
        ("a tokenizer", of(limits::TOKENIZER)),
        ("prompt embeddings, a recorded run", of(limits::EMBEDDINGS)),
        ("prompt embeddings, a recorded run", of(limits::RECORDING)),
        ("weights", of(limits::WEIGHTS)),
        ("digits in IDX", of(limits::DIGITS)),
        ("a training run's curve", of(limits::CURVE)),
    ] {
        assert!(table.contains(&format!("| {what} | {most} |")), "README does not say: {what} | {most}");
    }
}

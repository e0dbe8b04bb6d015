use std::path::Path;
use std::process::{Child, Command, Output};

use serde_json::Value;

/// Runs the program without a display.
pub fn lab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_diffusion-lab"))
        .args(arguments)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        // Whose settings these are is nobody's: what is remembered of one test is no other's.
        .env("DIFFUSION_LAB_HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// It failed with this exit code and one line that says all of `wanted`.
pub fn refuses(arguments: &[&str], code: i32, wanted: &[&str]) {
    let output = lab(arguments);
    let line = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{arguments:?}: {line}");
    for part in wanted {
        assert!(line.contains(part), "{arguments:?}: {line} lacks {part}");
    }
}

fn result(folder: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("result.json")).unwrap()).unwrap()
}

#[test]
fn sample_writes_what_the_contract_says() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("made/here");
    let out_text = out.display().to_string();
    let output = lab(&[
        "sample",
        "--prompt",
        "a rocket ship",
        "--steps",
        "2",
        "--steps",
        "3",
        "--seed",
        "180",
        "--guidance",
        "3",
        "--tensors",
        "--json",
        "--out",
        &out_text,
    ]);
    assert!(output.status.success(), "{}", stderr(&output));
    for name in ["sample-000.png", "sample-001.png", "grid.png"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    for run in ["000", "001"] {
        for stage in ["", "stage-2-"] {
            let name = format!("trajectory-{stage}{run}.safetensors");
            assert!(out.join(&name).is_file(), "{name}");
        }
    }
    let result = result(&out);
    assert_eq!(result["recipe"]["steps"], serde_json::json!([2, 3]));
    assert!(result["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);
    assert!(result["timings"]["total_secs"].as_f64().unwrap() > 0.0);
    let events: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |stage: u64| move |event: &&Value| event["event"] == "step" && event["stage"] == stage;
    let steps = |stage: u64| events.iter().filter(of(stage)).count() as u64;
    // Stage II takes the steps that it recommends.
    assert_eq!((steps(1), steps(2)), (5, 2 * result["recipe"]["stage_2_steps"].as_u64().unwrap()));
    assert_eq!(events.last().unwrap()["event"], "finished");
}

/// A recipe, a picture that carries one, a result and a row of the course all run.
#[test]
fn run_takes_recipes_pictures_results_and_rows() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    assert!(lab(&["sample", "--steps", "2", "--prompt", "a cat", "--out", &at("one"), "--quiet"]).status.success());
    for source in ["one/sample-000.png", "one/result.json"] {
        assert!(lab(&["run", &at(source), "--out", &at("two"), "--quiet"]).status.success(), "{source}");
        let read = |name: &str| std::fs::read(at(name)).unwrap();
        assert!(read("one/sample-000.png") == read("two/sample-000.png"), "{source}");
    }
    let output = lab(&["run", "A1.6", "--set", "steps=1", "--set", "count=2", "--out", &at("row"), "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(result(&folder.path().join("row"))["recipe"]["stepping"], "course");
}

#[test]
fn encode_makes_embeddings_that_sample_takes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let output =
        lab(&["encode", "--prompt", "a cat", "--prompt", "", "--model", "built-in", "--out", &at("e.safetensors")]);
    assert!(output.status.success(), "{}", stderr(&output));
    let sample = |out: &str, more: &[&str]| {
        let mut arguments = vec!["sample", "--prompt", "a cat", "--steps", "2", "--quiet", "--out", out];
        arguments.extend(more);
        assert!(lab(&arguments).status.success());
    };
    sample(&at("with"), &["--embeddings", &at("e.safetensors")]);
    sample(&at("without"), &[]);
    let pixels = |name: &str| image::open(at(name)).unwrap().to_rgb8();
    assert!(pixels("with/sample-000.png") == pixels("without/sample-000.png"));
}

#[test]
fn models_are_told_apart_by_where_they_are() {
    let home = tempfile::tempdir().unwrap();
    let models = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_diffusion-lab"))
            .arg("models")
            .args(more)
            .env("HF_HOME", home.path().join("hf"))
            .env_remove("HF_HUB_CACHE")
            .env("HF_ENDPOINT", "http://127.0.0.1:9")
            .env("DIFFUSION_LAB_HOME", home.path().join("lab"))
            .output()
            .unwrap()
    };
    // A model of the user's own, and a text encoder in the hub's cache.
    let own = home.path().join("lab/models/mine/text_encoder");
    let hub = home.path().join("hf/hub/models--city96--t5-v1_1-xxl-encoder-gguf");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir_all(hub.join("snapshots/abc")).unwrap();
    std::fs::create_dir_all(hub.join("refs")).unwrap();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/built-in/text_encoder");
    std::fs::copy(built_in.join("model.safetensors"), own.join("model.safetensors")).unwrap();
    std::fs::write(hub.join("snapshots/abc/t5-v1_1-xxl-encoder-Q4_K_M.gguf"), b"GGUF").unwrap();
    std::fs::write(hub.join("refs/main"), "abc").unwrap();
    let output = models(&["--json"]);
    let told: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let names: Vec<&str> = told["here"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["built-in", "mine", "city96/t5-v1_1-xxl-encoder-gguf"]);
    let package = |name: &str| told["packages"].as_array().unwrap().iter().find(|p| p["name"] == name).unwrap().clone();
    assert_eq!((package("t5-q4")["here"].as_bool(), package("t5-q8")["here"].as_bool()), (Some(true), Some(false)));
    assert_eq!(package("if-i-m")["licence"], "https://huggingface.co/DeepFloyd/IF-I-M-v1.0");
    assert!(stdout(&models(&[])).contains("deepfloyd-m"));
    let failed = models(&["fetch", "if-i-m"]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(stderr(&failed).contains("cannot reach the hub"), "{}", stderr(&failed));
    assert_eq!(models(&["fetch", "nothing"]).status.code(), Some(2));
}

#[test]
fn list_and_inspect_say_what_there_is() {
    let all = stdout(&lab(&["list"]));
    for word in ["sample", "upscale", "a1.5", "built-in", "DeepFloyd/IF-I-M-v1.0", "ddpm", "course", "smart50"] {
        assert!(all.contains(word), "{word}");
    }
    let model = stdout(&lab(&["inspect", "built-in"]));
    assert!(model.contains("8,9") || model.contains("unet parameters"), "{model}");
    assert!(model.contains("nothing"), "nothing is missing: {model}");
    let narrow = crate::reference::path("models/narrow").display().to_string();
    let facts: Value = serde_json::from_str(&stdout(&lab(&["inspect", &narrow, "--json"]))).unwrap();
    assert_eq!((facts["stage"].as_str(), facts["stage_2"]["stage"].as_str()), (Some("I"), Some("II")));
    assert_eq!(facts["missing"], "nothing");
    let (together, low) = (facts["memory_bytes"].as_u64().unwrap(), facts["low_memory_bytes"].as_u64().unwrap());
    assert!(low <= together && together > facts["stage_2"]["memory_bytes"].as_u64().unwrap(), "{facts}");
    // A stage I without its encoder says so, a stage II takes stage I's.
    let wordless = tempfile::tempdir().unwrap();
    for name in ["unet/config.json", "scheduler/scheduler_config.json"] {
        let to = wordless.path().join(name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(Path::new(&narrow).join(name), to).unwrap();
    }
    let facts = stdout(&lab(&["inspect", &wordless.path().display().to_string()]));
    assert!(facts.contains("--text-encoder"), "{facts}");
}

#[test]
fn bench_times_the_rows_that_are_named() {
    let output = lab(&["bench", "built-in", "--repeat", "1", "--dtype", "f16", "--threads", "1", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let row: Value = serde_json::from_str(stdout(&output).trim()).unwrap();
    let said: Vec<&Value> = ["row", "dtype", "threads", "runs"].iter().map(|name| &row[name]).collect();
    assert_eq!(said, ["built-in".into(), "f16".into(), 1.into(), 1.into()].iter().collect::<Vec<&Value>>());
    assert!(row["seconds_median"].as_f64().unwrap() > 0.0);
    refuses(&["bench", "nothing"], 2, &["nothing", "built-in", "class-64"]);
}

#[test]
fn wrong_arguments_exit_with_2() {
    refuses(&["sample", "--stepz", "3"], 2, &["--stepz", "--steps"]);
    refuses(&["smaple"], 2, &["smaple", "sample"]);
    refuses(&["sample", "--steps", "0"], 2, &["`0`", "--steps", "1 to 1000"]);
    refuses(&["sample", "--steps", "ten"], 2, &["`ten`", "--steps"]);
    refuses(&["sample", "--timesteps", "10,20"], 2, &["20 follows 10"]);
    refuses(&["sample", "--stepping", "random"], 2, &["random", "scheduler, course"]);
    refuses(&["run", "b9.9"], 2, &["b9.9", "a1.5"]);
    refuses(&["run", "a0", "--set", "stepz=4"], 2, &["stepz", "--set"]);
    refuses(&["list", "colours"], 2, &["colours", "experiments"]);
}

/// Without a display the program names the way that needs none.
#[test]
fn the_window_needs_a_display_and_says_so() {
    refuses(&[], 1, &["display", "diffusion-lab sample"]);
}

/// The program, running.
pub fn started(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_diffusion-lab"))
        .args(arguments)
        .env("DIFFUSION_LAB_HOME", env!("CARGO_TARGET_TMPDIR"))
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn ctrl_c_exits_with_130() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let mut child = started(&["sample", "--steps", "1000", "--quiet", "--out", &out]);
    std::thread::sleep(std::time::Duration::from_secs(2));
    // SAFETY: a signal to our own child.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing half-written");
}

#[test]
#[cfg(target_os = "linux")]
fn the_users_folders_are_where_the_readme_says() {
    let home = tempfile::tempdir().unwrap();
    let at = |inside: &str| home.path().join(inside).display().to_string();
    let told = |variables: &[(&str, String)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diffusion-lab"));
        for name in ["DIFFUSION_LAB_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE"] {
            command.env_remove(name);
        }
        let output = command.arg("models").env("HOME", home.path()).envs(variables.iter().cloned()).output().unwrap();
        let text = stdout(&output);
        let models = text.split_once("put into ").and_then(|(_, rest)| rest.split_once(')')).expect("the folder").0;
        models.to_owned()
    };
    assert_eq!(told(&[]), at(".local/share/diffusion-lab/models"));
    assert_eq!(told(&[("XDG_DATA_HOME", at("data"))]), at("data/diffusion-lab/models"));
    // XDG has it that a relative path counts as none.
    assert_eq!(told(&[("XDG_DATA_HOME", "data".to_owned())]), at(".local/share/diffusion-lab/models"));
    assert_eq!(told(&[("DIFFUSION_LAB_HOME", at("lab")), ("XDG_DATA_HOME", at("data"))]), at("lab/models"));
    assert_eq!(told(&[("DIFFUSION_LAB_HOME", String::new())]), at(".local/share/diffusion-lab/models"));
}

/// The GPU's way on the processor: hardly another picture, and no word of it where one only looks for help.
#[test]
fn the_layout_of_a_gpu_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = |layout: &str| {
        let out = folder.path().join(layout);
        let output = lab(&[
            "sample",
            "--prompt",
            "a red ball",
            "--steps",
            "2",
            "--stage-2",
            "none",
            "--layout",
            layout,
            "--device",
            "cpu",
            "--out",
            &out.display().to_string(),
        ]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(result(&out)["timings"]["device"], "cpu");
        image::open(out.join("sample-000.png")).unwrap().to_rgb8()
    };
    let (pixels, planes) = (drawn("pixels"), drawn("planes"));
    let apart = pixels.iter().zip(planes.iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(apart.is_some_and(|apart| apart <= 1), "{apart:?}");
    assert!(!stdout(&lab(&["sample", "-h"])).contains("--layout"));
    assert!(stdout(&lab(&["sample", "--help"])).contains("--layout"));
    refuses(&["sample", "--layout", "rows"], 2, &["rows"]);
    refuses(&["sample", "--device", "gpu"], 2, &["no device `gpu`", "cuda:N"]);
    refuses(&["sample", "--device", "cuda:7", "--out", &folder.path().display().to_string()], 1, &["--device cpu"]);
}

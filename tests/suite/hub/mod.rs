//! Fetching from a hub of the suite's own, that breaks in every way in which the real one can.

mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use diffusion_lab::error::{Error, Result};
use diffusion_lab::files::hub::{Hub, snapshot};
use diffusion_lab::models::{PACKAGES, find_package};
use sha2::{Digest, Sha256};

use server::{Reply, Seen, Server, part};

const REPOSITORY: &str = "DeepFloyd/IF-I-M-v1.0";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Longer than a piece of a download.
const LARGE: usize = 3_000_000;

fn large() -> Vec<u8> {
    let mut state = 1u64;
    let mut byte = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    };
    (0..LARGE).map(|_| byte()).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The repository's files: a UNet in four formats, and much that nobody wants.
fn files() -> BTreeMap<&'static str, Vec<u8>> {
    let text = |text: &str| text.as_bytes().to_vec();
    BTreeMap::from([
        ("model_index.json", text(r#"{"_class_name": "IFPipeline"}"#)),
        ("unet/config.json", text("{}")),
        ("unet/diffusion_pytorch_model.fp16.safetensors", large()),
        ("unet/diffusion_pytorch_model.safetensors", text("twice as large")),
        ("unet/diffusion_pytorch_model.bin", text("a pickle")),
        ("scheduler/scheduler_config.json", text("{ }")),
        ("text_encoder/config.json", text("{  }")),
        ("text_encoder/model.safetensors.index.fp16.json", text("{   }")),
        ("text_encoder/model.fp16-00001-of-00002.safetensors", text("first part")),
        ("text_encoder/model.fp16-00002-of-00002.safetensors", text("second part")),
        ("text_encoder/pytorch_model.bin", text("a pickle")),
        ("tokenizer/spiece.model", text("words")),
        ("safety_checker/model.safetensors", text("never")),
        ("watermarker/diffusion_pytorch_model.bin", text("never")),
        ("pytorch_model.bin", text("the original format")),
    ])
}

fn listing() -> Vec<u8> {
    let siblings: Vec<_> =
        files().iter().map(|(path, bytes)| serde_json::json!({ "rfilename": path, "size": bytes.len() })).collect();
    serde_json::json!({ "sha": COMMIT, "siblings": siblings }).to_string().into_bytes()
}

/// The store of large files, whole; nobody's token belongs there.
fn store(reply: impl Fn(&Seen, usize) -> Reply + Send + 'static) -> Server {
    Server::start(move |seen, before| {
        assert_eq!(seen.token, None, "the token went to another host");
        reply(seen, before)
    })
}

/// A hub whose large files lie at `store`.
fn hub(store: &Server) -> Server {
    let (address, files) = (store.address.clone(), files());
    Server::start(move |seen, _| {
        if seen.path.starts_with("/api/models/") {
            return Reply { status: 200, body: listing(), ..Reply::default() };
        }
        let path = seen.path.strip_prefix(&format!("/{REPOSITORY}/resolve/{COMMIT}/"));
        let Some(bytes) = path.and_then(|path| files.get(path)) else { return Reply::status(404) };
        // Small ones have git's hash, weights their own.
        let is_weights = path.is_some_and(|path| path.ends_with(".safetensors") || path.ends_with(".bin"));
        if bytes.len() < 1000 && is_weights {
            return part(bytes, seen.from).with("etag", format!("\"{}\"", sha256(bytes)));
        }
        if bytes.len() < 1000 {
            return part(bytes, seen.from).with(
                "etag",
                "\"0f1e2d3c4b5a69788796a5b4c3d2e1f001234567\"".replace("01234567", &format!("{:08x}", bytes.len())),
            );
        }
        Reply::status(302)
            .with("location", format!("{address}/large"))
            .with("x-linked-etag", format!("\"{}\"", sha256(bytes)))
            .with("x-linked-size", bytes.len())
    })
}

fn client(server: &Server, cache: &Path) -> Hub {
    Hub::at(&server.address, Some("hf_secret".to_owned()), cache.to_owned(), Duration::from_millis(5))
}

const UNET: &str = "unet/diffusion_pytorch_model.fp16.safetensors";

fn fetch_large(hub: &Hub) -> Result<()> {
    hub.fetch(REPOSITORY, COMMIT, UNET, &mut |_, _| Ok(()))
}

fn blob(cache: &Path) -> std::path::PathBuf {
    cache.join("models--DeepFloyd--IF-I-M-v1.0/blobs").join(sha256(&large()))
}

#[test]
fn a_stage_comes_without_what_nobody_wants() {
    let whole = large();
    let store = store(move |seen, _| part(&whole, seen.from));
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    let hub = client(&server, cache.path());
    let package = find_package("if-i-m").unwrap();
    assert!(!package.is_here(&hub));
    let mut last = None;
    package
        .fetch(&hub, &mut |fetching| {
            last = Some(fetching.clone());
            Ok(())
        })
        .unwrap();
    let last = last.unwrap();
    assert_eq!(last.bytes, last.of);
    let folder = snapshot(cache.path(), REPOSITORY).unwrap();
    for path in ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json"] {
        assert_eq!(std::fs::read(folder.join(path)).unwrap(), files()[path], "{path}");
    }
    assert_eq!(std::fs::read(folder.join(UNET)).unwrap(), large());
    assert!(std::fs::symlink_metadata(folder.join(UNET)).unwrap().is_symlink() || cfg!(not(unix)));
    for path in ["unet/diffusion_pytorch_model.safetensors", "text_encoder", "safety_checker", "pytorch_model.bin"] {
        assert!(!folder.join(path).exists(), "{path}");
    }
    // A second fetch asks for the listing alone.
    let before = server.seen().len();
    package.fetch(&hub, &mut |_| Ok(())).unwrap();
    assert_eq!(server.seen().len(), before + 1);
    assert!(server.seen().iter().all(|seen| seen.token.as_deref() == Some("hf_secret")));
}

#[test]
fn a_text_encoder_comes_with_all_its_parts() {
    let store = store(|_, _| Reply::status(404));
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    find_package("t5").unwrap().fetch(&client(&server, cache.path()), &mut |_| Ok(())).unwrap();
    let folder = snapshot(cache.path(), REPOSITORY).unwrap();
    for path in [
        "text_encoder/model.safetensors.index.fp16.json",
        "text_encoder/model.fp16-00001-of-00002.safetensors",
        "text_encoder/model.fp16-00002-of-00002.safetensors",
        "tokenizer/spiece.model",
    ] {
        assert!(folder.join(path).is_file(), "{path}");
    }
    assert!(!folder.join("text_encoder/pytorch_model.bin").exists() && !folder.join("unet").exists());
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let whole = large();
    let store = store(move |seen, before| Reply { cut: (before < 2).then_some(1_100_000), ..part(&whole, seen.from) });
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    fetch_large(&client(&server, cache.path())).unwrap();
    assert_eq!(std::fs::read(blob(cache.path())).unwrap(), large());
    let from: Vec<Option<usize>> = store.seen().iter().map(|seen| seen.from).collect();
    assert_eq!(from, [None, Some(1_100_000), Some(2_200_000)]);
}

#[test]
fn a_stopped_fetch_goes_on_the_next_time() {
    let whole = large();
    let store = store(move |seen, _| part(&whole, seen.from));
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    let hub = client(&server, cache.path());
    let stop = &mut |have: u64, all: u64| {
        assert_eq!(all, LARGE as u64);
        if have >= 1_000_000 { Err(Error::cancelled()) } else { Ok(()) }
    };
    assert!(hub.fetch(REPOSITORY, COMMIT, UNET, stop).unwrap_err().is_cancelled());
    let partial = blob(cache.path()).with_extension("incomplete");
    let kept = std::fs::metadata(&partial).unwrap().len();
    assert!((1_000_000..LARGE as u64).contains(&kept) && snapshot(cache.path(), REPOSITORY).is_none());
    fetch_large(&hub).unwrap();
    assert_eq!(std::fs::read(blob(cache.path())).unwrap(), large());
    assert!(!partial.exists());
    assert_eq!(store.seen().last().unwrap().from, Some(kept as usize));
}

/// Full from the start, and filled by others on the way: what has come is kept for the time when there is room again.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_keeps_what_has_come() {
    let Some(disk) = crate::full_disk::Small::of("4m") else { return };
    let whole = large();
    let store = store(move |seen, _| part(&whole, seen.from));
    let server = hub(&store);
    let hub = client(&server, disk.path());
    let filler = disk.path().join("filler");
    std::fs::write(&filler, vec![1; 2_000_000]).unwrap();
    let line = fetch_large(&hub).unwrap_err().to_string();
    assert!(line.contains("free, this file needs 3.0 MB more") && line.contains("; free some space"), "{line}");
    std::fs::remove_file(&filler).unwrap();
    let fill = &mut |have: u64, _: u64| {
        if have >= 1_000_000 && !filler.exists() {
            let _ = std::fs::write(&filler, vec![1; 3_000_000]);
        }
        Ok(())
    };
    let line = hub.fetch(REPOSITORY, COMMIT, UNET, fill).unwrap_err().to_string();
    assert!(line.contains("cannot write") && line.contains("the next try goes on from here"), "{line}");
    std::fs::remove_file(&filler).unwrap();
    fetch_large(&hub).unwrap();
    assert_eq!(std::fs::read(blob(disk.path())).unwrap(), large());
    assert!(store.seen().last().unwrap().from.is_some_and(|from| from >= 1_000_000));
}

#[test]
fn a_store_without_ranges_sends_all_again() {
    let whole = large();
    let store = store(move |_, before| Reply { cut: (before == 0).then_some(500_000), ..part(&whole, None) });
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    fetch_large(&client(&server, cache.path())).unwrap();
    assert_eq!(std::fs::read(blob(cache.path())).unwrap(), large());
}

#[test]
fn what_is_not_the_file_is_refused() {
    let wrong_bytes = |mut bytes: Vec<u8>| {
        bytes[1_234_567] ^= 1;
        bytes
    };
    let longer = |mut bytes: Vec<u8>| {
        bytes.push(0);
        bytes
    };
    let bodies: [(Vec<u8>, &str); 3] = [
        (wrong_bytes(large()), "its SHA-256 differs"),
        (longer(large()), "sends more than the 3.0 MB that it told"),
        (large()[..LARGE - 1].to_vec(), "it ended too early"),
    ];
    for (body, told) in bodies {
        let store = store(move |seen, _| part(&body, seen.from));
        let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
        let line = fetch_large(&client(&server, cache.path())).unwrap_err().to_string();
        assert!(line.contains(told) || line.contains("no such part"), "{line}");
        assert!(line.contains("; ") || line.contains("no such part"), "{line}");
        assert!(!blob(cache.path()).exists() && snapshot(cache.path(), REPOSITORY).is_none(), "{told}");
    }
}

#[test]
fn a_wrong_part_on_disk_is_found_out() {
    let whole = large();
    let store = store(move |seen, _| part(&whole, seen.from));
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    let partial = blob(cache.path()).with_extension("incomplete");
    std::fs::create_dir_all(partial.parent().unwrap()).unwrap();
    std::fs::write(&partial, vec![7; 2_000_000]).unwrap();
    let hub = client(&server, cache.path());
    assert!(fetch_large(&hub).unwrap_err().to_string().contains("SHA-256"));
    // It was thrown away, so the next time is a clean one.
    fetch_large(&hub).unwrap();
}

/// The line that a hub gives which answers everything like this.
fn line(token: Option<&str>, reply: impl Fn(usize) -> Reply + Send + 'static) -> (String, usize) {
    let server = Server::start(move |_, before| reply(before));
    let cache = tempfile::tempdir().unwrap();
    let hub = Hub::at(&server.address, token.map(str::to_owned), cache.path().to_owned(), Duration::from_millis(5));
    let line = hub.list(REPOSITORY).unwrap_err().to_string();
    assert!(!line.contains('\n') && line.len() < 400, "{line}");
    (line.replace(&server.address, "HUB"), server.seen().len())
}

#[test]
fn every_refusal_says_what_to_do() {
    let (told, _) = line(None, |_| Reply::status(401));
    assert!(told.contains("accepted its licence (401): HUB/DeepFloyd/IF-I-M-v1.0; accept it at HUB/"), "{told}");
    assert!(told.contains("settings/tokens") && told.contains("HF_TOKEN"), "{told}");
    let (told, _) = line(Some("old"), |_| Reply::status(401));
    assert!(told.contains("does not take the token (401)"), "{told}");
    let (told, _) = line(Some("mine"), |_| Reply::status(403).with("x-error-code", "GatedRepo"));
    assert!(told.contains("not accepted by your account (403)") && told.contains("; open HUB/DeepFloyd/"), "{told}");
    let (told, requests) = line(None, |_| Reply::status(404));
    assert!(told.contains("no such file (404)") && requests == 1, "{told}");
    let (told, requests) = line(None, |_| Reply::status(503));
    assert!(told.contains("out of order (503)") && requests == 5, "{told} {requests}");
    let (told, requests) = line(None, |_| Reply::status(429).with("retry-after", "0"));
    assert!(told.contains("fewer requests (429)") && requests == 5, "{told} {requests}");
    let (told, _) = line(None, |_| Reply { status: 200, body: b"<html>".to_vec(), ..Reply::default() });
    assert!(told.contains("not a listing"), "{told}");
    let (told, _) = line(None, |_| Reply::status(302).with("location", "/again"));
    assert!(told.contains("redirects without an end"), "{told}");
    let nobody = Hub::at("http://127.0.0.1:9", None, std::env::temp_dir(), Duration::from_millis(5));
    let told = nobody.list(REPOSITORY).unwrap_err().to_string();
    assert!(told.contains("cannot reach the hub (") && told.contains("check the network"), "{told}");
}

#[test]
fn a_hub_that_is_busy_is_waited_for() {
    let server = Server::start(|_, before| match before {
        0 => Reply::status(429).with("retry-after", "1"),
        1 => Reply::status(502),
        _ => Reply { status: 200, body: listing(), ..Reply::default() },
    });
    let cache = tempfile::tempdir().unwrap();
    let started = std::time::Instant::now();
    assert_eq!(client(&server, cache.path()).list(REPOSITORY).unwrap().commit, COMMIT);
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn a_listing_cannot_name_files_elsewhere() {
    let cache = tempfile::tempdir().unwrap();
    let hub = Hub::at("http://127.0.0.1:9", None, cache.path().to_owned(), Duration::from_millis(5));
    for path in ["../x", "unet/../../x", "/etc/x", "a//b", "c:\\x", "."] {
        let line = hub.fetch(REPOSITORY, COMMIT, path, &mut |_, _| Ok(())).unwrap_err().to_string();
        assert!(line.contains("outside its folder"), "{path}: {line}");
    }
}

#[test]
fn a_name_that_is_no_package_lists_the_packages() {
    assert_eq!(find_package(REPOSITORY).unwrap().name, "if-i-m");
    let line = find_package("deepfloyd").unwrap_err().to_string();
    assert!(line.contains("`deepfloyd`; choose from deepfloyd-m, "), "{line}");
}

#[test]
fn two_fetches_do_not_write_one_file() {
    let whole = Arc::new(large());
    let body = Arc::clone(&whole);
    let store = store(move |seen, _| part(&body, seen.from));
    let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
    let (hub, mut line) = (client(&server, cache.path()), None);
    hub.fetch(REPOSITORY, COMMIT, UNET, &mut |_, _| {
        line.get_or_insert_with(|| fetch_large(&hub).unwrap_err().to_string());
        Ok(())
    })
    .unwrap();
    assert!(line.unwrap().contains("another program is fetching this file"));
    assert_eq!(std::fs::read(blob(cache.path())).unwrap(), *whole);
}

/// A hub with one repository, of files that hold their own names.
fn hub_of(repository: &'static str, paths: &'static [&'static str]) -> Server {
    Server::start(move |seen, _| {
        if seen.path.starts_with("/api/models/") {
            let siblings: Vec<_> =
                paths.iter().map(|path| serde_json::json!({ "rfilename": path, "size": path.len() })).collect();
            let body = serde_json::json!({ "sha": COMMIT, "siblings": siblings }).to_string().into_bytes();
            return Reply { status: 200, body, ..Reply::default() };
        }
        let path = seen.path.strip_prefix(&format!("/{repository}/resolve/{COMMIT}/"));
        match path.filter(|path| paths.contains(path)) {
            Some(path) => part(path.as_bytes(), seen.from).with("etag", format!("\"{}\"", sha256(path.as_bytes()))),
            None => Reply::status(404),
        }
    })
}

/// Every file of google's repository lies at its root, in two formats.
#[test]
fn a_model_at_a_repositorys_root_comes_whole() {
    const ALL: [&str; 8] = [
        ".gitattributes",
        "README.md",
        "config.json",
        "diffusion_pytorch_model.bin",
        "diffusion_pytorch_model.safetensors",
        "images/generated_image_0.png",
        "model_index.json",
        "scheduler_config.json",
    ];
    let (server, cache) = (hub_of("google/ddpm-church-256", &ALL), tempfile::tempdir().unwrap());
    let hub = client(&server, cache.path());
    let package = find_package("church-256").unwrap();
    assert_eq!((package.model(), package.licence()), (Some("google/ddpm-church-256"), None));
    package.fetch(&hub, &mut |_| Ok(())).unwrap();
    let folder = snapshot(cache.path(), "google/ddpm-church-256").unwrap();
    let has = |path: &&&str| folder.join(path).exists();
    let here: Vec<&&str> = ALL.iter().filter(has).collect();
    let wanted = ["config.json", "diffusion_pytorch_model.safetensors", "model_index.json", "scheduler_config.json"];
    assert_eq!(here, wanted.iter().collect::<Vec<_>>());
}

/// A repository without what a model cannot do without is said to be changed, before anything is fetched.
#[test]
fn a_repository_without_weights_is_refused_at_once() {
    const ALL: [&str; 3] = ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json"];
    let (server, cache) = (hub_of("openai/diffusers-cd_imagenet64_l2", &ALL), tempfile::tempdir().unwrap());
    let error = find_package("imagenet-64").unwrap().fetch(&client(&server, cache.path()), &mut |_| Ok(()));
    let line = error.unwrap_err().to_string();
    assert!(line.contains("no unet/*.safetensors") && line.contains("openai/diffusers-cd_imagenet64_l2"), "{line}");
    assert_eq!(server.seen().len(), 1);
}

/// Each open model has one repository that its name means, and a licence that is named.
#[test]
fn open_models_say_whose_they_are() {
    let open: Vec<_> = PACKAGES.iter().filter(|package| package.open.is_some()).collect();
    for name in
        ["sd-1.5", "sd-turbo", "lcm", "mini-sd", "faces-256", "church-256", "bedroom-256", "cat-256", "imagenet-64"]
    {
        let package = open.iter().find(|package| package.name == name).unwrap_or_else(|| panic!("no {name}"));
        assert!(std::ptr::eq(find_package(package.model().unwrap()).unwrap(), *package), "{name}");
        assert_eq!(package.licence().is_some(), name == "sd-turbo", "{name}");
    }
}
/// A blob of the right name that another program left half written, or changed: it is fetched anew.
#[test]
fn a_blob_that_is_here_is_held_to_its_name() {
    let mut changed = large();
    changed[LARGE / 2] ^= 1;
    for wrong in [changed, b"short".to_vec()] {
        let whole = large();
        let store = store(move |seen, _| part(&whole, seen.from));
        let (server, cache) = (hub(&store), tempfile::tempdir().unwrap());
        let blob = blob(cache.path());
        std::fs::create_dir_all(blob.parent().unwrap()).unwrap();
        std::fs::write(&blob, wrong).unwrap();
        fetch_large(&client(&server, cache.path())).unwrap();
        assert!(std::fs::read(&blob).unwrap() == large());
    }
}

/// Weights of which the hub tells no SHA-256 cannot be checked, and are not taken.
#[test]
fn weights_without_a_hash_are_refused() {
    let whole = large();
    let server = Server::start(move |seen, _| {
        part(&whole, seen.from).with("etag", "\"0f1e2d3c4b5a69788796a5b4c3d2e1f00deadbee\"")
    });
    let cache = tempfile::tempdir().unwrap();
    let line = fetch_large(&client(&server, cache.path())).unwrap_err().to_string();
    assert!(line.contains("no SHA-256") && line.contains(UNET), "{line}");
}

/// A token with more than a token in it is named, before anything is asked.
#[test]
fn a_token_that_is_none_is_said() {
    let server = Server::start(|_, _| Reply::status(200));
    let cache = tempfile::tempdir().unwrap();
    for token in ["hf_a\r\nx: y", "hf_a b", "hf_é"] {
        let hub = Hub::at(&server.address, Some(token.to_owned()), cache.path().to_owned(), Duration::from_millis(5));
        let line = fetch_large(&hub).unwrap_err().to_string();
        assert!(line.contains("token") && !line.contains("network") && !line.contains(token), "{line}");
    }
    assert!(server.seen().is_empty());
}

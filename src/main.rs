//! The program: with arguments a command, without them the window.

use std::process::ExitCode;

fn main() -> ExitCode {
    diffusion_lab::cli::main(std::env::args_os().skip(1))
}

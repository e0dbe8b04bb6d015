//! MNIST (LeCun, Cortes), all of it, built into the program: `assets/mnist` says its terms.

use super::dataset::Dataset;
use super::split::Split;
use crate::error::Result;

/// The whole of MNIST.
pub fn mnist() -> Result<Dataset> {
    let train: [&[u8]; 2] = [
        include_bytes!("../../assets/mnist/train-images-idx3-ubyte.gz"),
        include_bytes!("../../assets/mnist/train-labels-idx1-ubyte.gz"),
    ];
    let test: [&[u8]; 2] = [
        include_bytes!("../../assets/mnist/t10k-images-idx3-ubyte.gz"),
        include_bytes!("../../assets/mnist/t10k-labels-idx1-ubyte.gz"),
    ];
    let split =
        |[pictures, labels]: [&[u8]; 2]| Split::read(("MNIST's pictures", pictures), ("MNIST's labels", labels));
    Ok(Dataset { name: "MNIST".to_owned(), train: split(train)?, test: split(test)? })
}

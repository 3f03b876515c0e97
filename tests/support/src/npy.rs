//! NumPy's `.npy` arrays, as far as the reference vectors use them.

use ndarray::{Array2, ShapeBuilder};
use std::path::Path;

/// A two-dimensional array of `<f8` or `|u1`/`|b1`.
pub fn read(path: &Path) -> Array2<f64> {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00", "{}", path.display());
    let data = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..data]).unwrap();
    let shape = header.split_once("'shape': (").unwrap().1.split_once(')').unwrap().0;
    let shape: Vec<usize> = shape.split(',').map(|n| n.trim().parse().unwrap()).collect();
    let body = &bytes[data..];
    let values = if header.contains("'<f8'") {
        body.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
    } else {
        assert!(header.contains("'|u1'") || header.contains("'|b1'"), "{header}");
        body.iter().map(|&b| f64::from(b)).collect()
    };
    let by_columns = header.contains("'fortran_order': True");
    Array2::from_shape_vec((shape[0], shape[1]).set_f(by_columns), values).unwrap()
}

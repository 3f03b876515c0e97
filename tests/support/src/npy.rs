//! NumPy's `.npy` arrays, as far as the reference vectors use them.

use ndarray::{Array2, ShapeBuilder};
use std::path::Path;

/// A two-dimensional array of `<f8`, `<f4` or `|u1`/`|b1`; one of one dimension
/// as a column.
pub fn read(path: &Path) -> Array2<f64> {
    parse(&std::fs::read(path).unwrap())
}

/// The arrays of a `.npz` archive with their names.
pub fn read_archive(path: &Path) -> Vec<(String, Array2<f64>)> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let count = archive.len();
    let array = |n: usize| {
        let mut file = archive.by_index(n).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        (file.name().unwrap().trim_end_matches(".npy").to_owned(), parse(&bytes))
    };
    (0..count).map(array).collect()
}

fn parse(bytes: &[u8]) -> Array2<f64> {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let data = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..data]).unwrap();
    let shape = header.split_once("'shape': (").unwrap().1.split_once(')').unwrap().0;
    let shape: Vec<usize> = shape
        .split(',')
        .filter(|n| !n.trim().is_empty())
        .map(|n| n.trim().parse().unwrap())
        .collect();
    let body = &bytes[data..];
    let values = if header.contains("'<f8'") {
        body.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect()
    } else if header.contains("'<f4'") {
        body.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
    } else {
        assert!(header.contains("'|u1'") || header.contains("'|b1'"), "{header}");
        body.iter().map(|&b| f64::from(b)).collect()
    };
    let by_columns = header.contains("'fortran_order': True");
    Array2::from_shape_vec((shape[0], shape.get(1).copied().unwrap_or(1)).set_f(by_columns), values)
        .unwrap()
}

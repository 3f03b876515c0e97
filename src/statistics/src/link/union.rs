//! Disjoint sets.

/// Union–find with path halving.
pub(super) fn find(root: &mut [u32], mut c: u32) -> u32 {
    while root[c as usize] != c {
        let up = root[root[c as usize] as usize];
        root[c as usize] = up;
        c = up;
    }
    c
}

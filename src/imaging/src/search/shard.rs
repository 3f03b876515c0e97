//! A gallery searched in parts: each part names those of its marks that may be
//! on a probe's shortlist, and what the parts name is merged. The outcome is
//! that of [`shortlist`](super::shortlist) over the whole gallery, however it
//! was divided.

use super::Shortlist;

/// Those of one part of a gallery that may be on a probe's shortlist, with
/// their similarities, ascending: its own `keep` most alike (and all as alike
/// as the last of them), and those at least as alike as their own shortlist's
/// floor. Arguments as for [`shortlist`](super::shortlist), within the part.
pub fn leading(
    similar: &[f32],
    screened: &[bool],
    floors: &[Option<f32>],
    others: &[usize],
    keep: usize,
) -> Vec<(usize, f32)> {
    let own = super::shortlist(similar, screened, floors, others, keep);
    let judged = own.verify.into_iter().filter(|&n| screened[n]);
    judged.map(|n| (n, similar[n])).collect()
}

/// The shortlist of a probe in the whole gallery: `near` is what all parts
/// named, by numbers in the whole, `blind` are the marks that no sketch can
/// judge, and `floors` the floor of each mark's own shortlist.
pub fn merged(
    mut near: Vec<(usize, f32)>,
    blind: impl IntoIterator<Item = usize>,
    floors: &[Option<f32>],
    keep: usize,
) -> Shortlist {
    near.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let floor = match keep.checked_sub(1) {
        None => f32::MAX,
        Some(last) => near.get(last).map_or(f32::MIN, |(_, similar)| *similar),
    };
    let wanted = |(n, similar): &(usize, f32)| {
        *similar >= floor || floors.get(*n).copied().flatten().is_some_and(|own| *similar >= own)
    };
    let mut verify: Vec<usize> = near.iter().filter(|near| wanted(near)).map(|(n, _)| *n).collect();
    verify.extend(blind);
    verify.sort_unstable();
    Shortlist { verify, floor }
}

#[cfg(test)]
mod tests {
    use super::super::shortlist;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_give_what_the_whole_gives(
            marks in prop::collection::vec((0_u8..12, any::<bool>(), prop::option::of(0_u8..14)), 1..60),
            cuts in prop::collection::vec(0_usize..60, 0..5),
            keep in 0_usize..20,
        ) {
            let similar: Vec<f32> = marks.iter().map(|m| f32::from(m.0) / 12.0).collect();
            let screened: Vec<bool> = marks.iter().map(|m| m.1).collect();
            let floors: Vec<Option<f32>> =
                marks.iter().map(|m| m.2.map(|floor| f32::from(floor) / 12.0)).collect();
            // Every seventh mark is of the probe's own casing.
            let others: Vec<usize> = (0..marks.len()).filter(|n| n % 7 != 3).collect();
            let whole = shortlist(&similar, &screened, &floors, &others, keep);
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % marks.len()).collect();
            ends.extend([0, marks.len()]);
            ends.sort_unstable();
            let mut near = Vec::new();
            for part in ends.windows(2) {
                let (start, end) = (part[0], part[1]);
                let own: Vec<usize> =
                    others.iter().filter(|n| (start..end).contains(*n)).map(|n| n - start).collect();
                let named = leading(
                    &similar[start..end], &screened[start..end], &floors[start..end], &own, keep,
                );
                near.extend(named.into_iter().map(|(n, similar)| (start + n, similar)));
            }
            let blind = others.iter().copied().filter(|&n| !screened[n]);
            let parts = merged(near, blind, &floors, keep);
            prop_assert_eq!(&parts.verify, &whole.verify);
            prop_assert_eq!(parts.floor, whole.floor);
        }
    }
}

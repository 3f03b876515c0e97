//! Isotonic regression, and the likelihood ratios it turns scores into.

/// One block of a monotone fit: `from..to` of the sorted values share `mean`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pool {
    to: usize,
    weight: f64,
    mean: f64,
}

/// The non-decreasing sequence closest to `values` in weighted least squares,
/// by pooling adjacent violators (Ayer et al. 1955). Both slices have the same
/// length; weights are positive.
pub fn isotonic(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<Pool> = Vec::with_capacity(values.len());
    for (n, (&value, &weight)) in values.iter().zip(weights).enumerate() {
        let mut block = Pool { to: n + 1, weight, mean: value };
        while let Some(before) = blocks.last().copied().filter(|b| b.mean >= block.mean) {
            blocks.pop();
            let both = before.weight + block.weight;
            let sum = before.mean * before.weight + block.mean * block.weight;
            block = Pool { to: block.to, weight: both, mean: sum / both };
        }
        blocks.push(block);
    }
    let mut fitted = Vec::with_capacity(values.len());
    for block in blocks {
        fitted.resize(block.to, block.mean);
    }
    fitted
}

/// Natural-log likelihood ratios that would have made the most of these scores:
/// the isotonic regression of truth on score with the prior odds of the sample
/// divided out (Brümmer & du Preez 2006). Returned in the order given, as
/// (same source, different source); infinite where a score is beyond all of the
/// other class.
pub fn best_log_lr(same: &[f64], different: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut scores: Vec<f64> = same.iter().chain(different).copied().collect();
    scores.sort_by(f64::total_cmp);
    scores.dedup();
    let at = |score: f64| scores.partition_point(|s| *s < score);
    let mut hits = vec![0.0; scores.len()];
    let mut weights = vec![0.0; scores.len()];
    let (of_same, of_different) = (1.0 / same.len() as f64, 1.0 / different.len() as f64);
    for &s in same {
        hits[at(s)] += of_same;
        weights[at(s)] += of_same;
    }
    for &d in different {
        weights[at(d)] += of_different;
    }
    let shares: Vec<f64> = hits.iter().zip(&weights).map(|(h, w)| h / w).collect();
    let log_lr: Vec<f64> =
        isotonic(&shares, &weights).into_iter().map(|p| p.ln() - (1.0 - p).ln()).collect();
    let of = |v: &[f64]| v.iter().map(|&s| log_lr[at(s)]).collect();
    (of(same), of(different))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let fitted = isotonic(&[1.0, 3.0, 2.0, 4.0, 3.0, 3.5], &[1.0; 6]);
        assert_eq!(fitted, [1.0, 2.5, 2.5, 3.5, 3.5, 3.5]);
        assert_eq!(isotonic(&[2.0, 1.0], &[3.0, 1.0]), [1.75, 1.75]);
        assert!(isotonic(&[], &[]).is_empty());
    }

    #[test]
    fn a_hand_worked_calibration() {
        // Sorted: d1 | s2 d3 pooled | s4. With two of each class the pooled
        // block holds one of each, so its ratio is one.
        let (same, different) = best_log_lr(&[4.0, 2.0], &[1.0, 3.0]);
        assert_eq!(same, [f64::INFINITY, 0.0]);
        assert_eq!(different, [f64::NEG_INFINITY, 0.0]);
    }

    #[test]
    fn classes_count_equally_whatever_their_sizes() {
        // One score shared by both same-source pairs and two of eight others:
        // the ratio is (2/2) / (2/8).
        let others = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0];
        let (same, _) = best_log_lr(&[1.0, 1.0], &others);
        assert!((same[0] - 4.0_f64.ln()).abs() < 1e-12);
    }
}

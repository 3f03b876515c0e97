//! What is done to a labelled set before it is compared.

use imaging::prepare::upright;
use ndarray::Array2;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Serialize;
use synthetic::damage::{self, Cut};
use types::error::{Error, Kind, Result};
use types::mark::PreparedMark;
use types::message::say;
use types::scan::Scan;
use types::surface::Surface;

/// What is done to scans, and then to the marks prepared from them, before they
/// are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Damage {
    /// Seed of all that is random in it.
    pub seed: u64,
    /// Tilt of the scan, degrees, towards a random side.
    pub tilt_deg: f64,
    /// Share by which the scan's pitch is wrong, up or down at random.
    pub misscale: f64,
    /// Share of the scan's points thrown off by 5–50 µm.
    pub spikes: f64,
    /// The scan's points are averaged `coarsen × coarsen` into one.
    pub coarsen: usize,
    /// Contiguous share of the mark's area that is kept, 0–1.
    pub share: f64,
    /// The shape of what is kept.
    pub cut: Cut,
    /// Noise added to the mark, in standard deviations of the surface.
    pub noise: f64,
}

impl Damage {
    /// A random turn and nothing else.
    pub const fn turn(seed: u64) -> Self {
        let (tilt_deg, misscale, spikes, noise) = (0.0, 0.0, 0.0, 0.0);
        let cut = Cut::Sector;
        Self { seed, tilt_deg, misscale, spikes, coarsen: 1, share: 1.0, cut, noise }
    }

    /// Whether more than a turn is done.
    pub(super) fn harms(&self) -> bool {
        Self { cut: Cut::Sector, ..*self } != Self::turn(self.seed)
    }

    /// The random numbers for a scan; those of its mark are another stream.
    fn random(&self, number: u64, of_mark: bool) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(2 * number + u64::from(of_mark));
        rng
    }

    /// Whether the scan itself is damaged, and not only its mark.
    pub(super) fn harms_scan(&self) -> bool {
        Self { share: 1.0, noise: 0.0, ..*self }.harms()
    }

    /// Damages a scan.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for an image.
    pub(super) fn scan(&self, scan: Scan, number: u64) -> Result<Scan> {
        let Surface::Height(mut map) = scan.surface else {
            let what = say!("only topographies can be tilted, misscaled, spiked or coarsened");
            return Err(Error::new(Kind::BadInput, what)
                .advise(say!("leave these options out where the truth names images")));
        };
        let rng = &mut self.random(number, false);
        damage::tilt(&mut map, self.tilt_deg, rng);
        damage::misscale(&mut map, self.misscale, rng);
        damage::spikes(&mut map, self.spikes, rng);
        let map = if self.coarsen > 1 { damage::coarsen(&map, self.coarsen) } else { map };
        Ok(Scan { surface: Surface::Height(map), file_mask: None, ..scan })
    }
}

/// A mark with noise added, turned, and cut, in this order; the striae of a
/// striated one are found again.
pub(super) fn harm(mark: PreparedMark, number: u64, damage: Damage) -> PreparedMark {
    let mut rng = damage.random(number, true);
    let mut values = mark.values.mapv(f64::from);
    if damage.noise > 0.0 {
        values = damage::noise(&values, damage.noise, &mut rng);
    }
    values = damage::turn(&values, rng.random_range(0.0..std::f64::consts::TAU));
    if damage.share < 1.0 {
        values = damage::cut(&values, damage.cut, damage.share, &mut rng);
    }
    // The grid of a prepared mark has sides that are multiples of sixteen.
    let (ny, nx) = values.dim();
    let (my, mx) = (ny.next_multiple_of(16), nx.next_multiple_of(16));
    let (oy, ox) = ((my - ny) / 2, (mx - nx) / 2);
    let mut canvas = Array2::from_elem((my, mx), f32::NAN);
    canvas.slice_mut(ndarray::s![oy..oy + ny, ox..ox + nx]).assign(&values.mapv(|v| v as f32));
    upright(PreparedMark { values: canvas, ..mark })
}

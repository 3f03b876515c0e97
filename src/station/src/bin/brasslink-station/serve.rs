//! `serve`: the review station for browsers.

use crate::demo;
use brasslink::station::ServeArgs;
use brasslink::{End, Say, heads, now, recipe_in_force, tell};
use brasslink_station::server::{Ready, Stop, Transport, serve};
use brasslink_station::web::ShareDesk;
use brasslink_station::{Settings, Station};
use casework::Conclusion;
use casework::share::Sharing;
use jiff::Timestamp;
use std::sync::Arc;
use types::error::{Error, Kind, Result};
use types::message::say;
use types::system::when_asked_to_end;

/// Serves until it is told to stop.
pub fn run(args: &ServeArgs, say: Say) -> Result<End> {
    let (store, people) = match (&args.demo, &args.store, &args.people) {
        (Some(dir), ..) => demo::made(dir, say)?,
        (None, Some(store), Some(people)) => (store.clone(), people.clone()),
        _ => {
            let what = say!("there is no store, or no people file, to serve");
            return Err(Error::new(Kind::BadInput, what)
                .advise(say!("give --store and --people, or --demo")));
        }
    };
    let plain = args.plain_http || args.demo.is_some();
    let transport = match (&args.cert, &args.key) {
        _ if plain => Transport::Plain,
        (Some(certificate), Some(key)) => {
            Transport::Files { certificate: certificate.clone(), key: key.clone() }
        }
        _ => Transport::SelfSigned { beside: people.clone() },
    };
    let heads_of = store.clone();
    let station = Station::open(Settings {
        store,
        people,
        recipe: recipe_in_force().hash(),
        verify: called_for(&args.verify)?,
        secure: !plain,
        clock: Arc::new(Timestamp::now),
        now,
        written: Arc::new(move |who| heads::keep(&heads_of, who)),
        sharing: sharing(args)?,
    })?;
    let stop = Stop::default();
    let asked = stop.clone();
    when_asked_to_end(move || asked.now());
    let ready = |r: &Ready| {
        let scheme = if r.secure { "https" } else { "http" };
        tell(say, say!("serving on {scheme}://{}", r.address));
        if let Some(print) = &r.fingerprint {
            tell(say, say!("fingerprint of the certificate (SHA-256): {print}"));
        }
    };
    serve(&station, args.listen, &transport, &stop, &ready)?;
    tell(say, say!("stopped"));
    Ok(End::AllDone)
}

/// What sharing takes, where it is asked for; a policy that cannot be read is told
/// at the start.
fn sharing(args: &ServeArgs) -> Result<Option<ShareDesk>> {
    let (Some(policy), Some(folder)) = (&args.policy, &args.bundles) else { return Ok(None) };
    Sharing::read(policy)?;
    let program =
        std::env::current_exe().map_err(|e| Error::io(say!("finding this program"), policy, &e))?;
    let (policy, folder, key) = (policy.clone(), folder.clone(), args.signing_key.clone());
    Ok(Some(ShareDesk { policy, key, folder, program }))
}

fn called_for(words: &[String]) -> Result<std::collections::BTreeSet<Conclusion>> {
    let named = words.iter().filter(|word| word.as_str() != "none").map(|word| {
        let known = Conclusion::of_word(word.trim()).filter(|c| *c != Conclusion::Withdrawn);
        known.ok_or_else(|| {
            Error::new(Kind::BadInput, say!("there is no conclusion {word:?}"))
                .advise(say!("use lead, hit, eliminated, inconclusive, or none"))
        })
    });
    named.collect()
}

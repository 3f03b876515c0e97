//! `people`: the accounts of the review station.

use brasslink::json::Json;
use brasslink::station::{OneArgs, PeopleCommand};
use brasslink::{End, Say, operator, output, tell};
use brasslink_station::Role;
use brasslink_station::people::{Credentials, NewAccount, People};
use jiff::Timestamp;
use types::error::Result;
use types::message::{Message, say};

/// Runs the subcommand.
pub fn run(command: &PeopleCommand, say: Say) -> Result<End> {
    let (by, now) = (operator(None), Timestamp::now());
    match command {
        PeopleCommand::Add { login, name, role, agency, file } => {
            let roles = role.iter().map(|r| r.parse::<Role>()).collect::<Result<_>>()?;
            let (login, name, agency) = (login.clone(), name.clone(), agency.clone());
            let new = NewAccount { login, name, agency, roles };
            let people = People::open_or_create(&file.people)?;
            told(&new.login, &people.add(&new, &by, now)?);
        }
        PeopleCommand::List { file, json } => list(&People::open(&file.people)?, json, say)?,
        PeopleCommand::Disable(one) => of(one)?.disable(&one.login, true, &by, now)?,
        PeopleCommand::Enable(one) => of(one)?.disable(&one.login, false, &by, now)?,
        PeopleCommand::Unlock(one) => of(one)?.unlock(&one.login, &by, now)?,
        PeopleCommand::Reset(one) => told(&one.login, &of(one)?.reset(&one.login, &by, now)?),
        PeopleCommand::Backup { to, file } => {
            People::open(&file.people)?.backup(to)?;
            tell(say, say!("written: {}", to.display()));
        }
    }
    Ok(End::AllDone)
}

/// The people file of an account.
fn of(one: &OneArgs) -> Result<People> {
    People::open(&one.file.people)
}

/// Tells, whatever `--quiet` says, what is told once.
pub fn told(login: &str, credentials: &Credentials) {
    let Credentials { password, secret, uri } = credentials;
    for line in [
        say!("login:         {login}"),
        say!("password:      {password} (to be changed at the first log-in)"),
        say!("second factor: {secret}"),
        say!("               {uri}"),
        say!("this is told once; hand it to the person and to nobody else"),
    ] {
        output::line(line);
    }
}

fn list(people: &People, json: &Json, say: Say) -> Result<()> {
    let accounts = people.accounts()?;
    if json.asked() {
        let each = accounts.iter().map(|a| {
            let roles: Vec<&str> = a.roles.iter().map(|r| r.word()).collect();
            serde_json::json!({
                "login": a.login, "name": a.name, "agency": a.agency, "roles": roles,
                "disabled": a.disabled, "locked": a.locked, "must_change": a.must_change,
                "seen": a.seen,
            })
        });
        return json.put(&each.collect::<Vec<_>>());
    }
    for account in &accounts {
        let roles = Message::joined(account.roles.iter().map(|r| r.words()), ", ");
        let state = account.state();
        tell(say, say!("{}  {}  {roles}  {state}", account.login, account.name));
    }
    Ok(())
}

//! Calibre families: names of one cartridge.

/// A firearm of one family may fire what is marked with any of its names.
const FAMILIES: [(&str, &[&str]); 8] = [
    ("9x19", &["9x19", "9mm", "9mmluger", "9mmparabellum", "9mmpara", "9luger", "9x19mm"]),
    (".380 ACP", &["380", "380acp", "380auto", "9x17", "9x17mm", "9mmkurz", "9mmcorto"]),
    (".40 S&W", &["40", "40sw", "10x22", "10x22mm"]),
    (".45 ACP", &["45", "45acp", "45auto", "1143x23", "1143x23mm"]),
    (".38 Special", &["38special", "38spl", "38spec", "38especial"]),
    (".223 Remington", &["223", "223rem", "223remington", "556x45", "556x45mm", "556nato"]),
    ("7.62x39", &["762x39", "762x39mm"]),
    (".22 LR", &["22lr", "22longrifle", "22"]),
];

/// The calibre family of what a laboratory wrote; none where it is not one
/// that this table knows, which then passes every filter.
pub fn calibre_family(written: &str) -> Option<&'static str> {
    let plain: String =
        written.to_lowercase().replace('×', "x").chars().filter(|c| c.is_alphanumeric()).collect();
    FAMILIES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(family, _)| *family)
}

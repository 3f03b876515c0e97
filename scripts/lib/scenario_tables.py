"""Writes the tables of samples/scenario: a story of two laboratories.

Usage: scenario_tables.py FOLDER

Everything is invented. `truth.csv` says which firearm fired which casing; from
it `brasslink synth FOLDER --of truth.csv` computes the scans, and scripts/scenario
and its test tell whether what was planted was found.
"""

import csv
import sys
from pathlib import Path

MX, US = "chihuahua", "elpaso"
AGENCIES = {
    MX: [
        ("MXFGECHH1", "Fiscalía General del Estado de Chihuahua", "MX", "MX-CHH"),
        ("MXFGR0009", "Fiscalía General de la República", "MX", ""),
    ],
    US: [
        ("TXEPPD001", "El Paso County laboratory", "US", "US-TX"),
        ("AZTPD0002", "Tucson city laboratory", "US", "US-AZ"),
    ],
}

# firearm, finish, made in one line, calibre, pin, type, make, model, serial, importer, country
FIREARMS = {
    "F-01": ("granular", 1, "9x19 mm", "hemispherical", "pistol", "Taurus", "PT 92", "TYE14711", "Taurus International", "BR"),
    "F-02": ("granular", 1, "9x19 mm", "hemispherical", "pistol", "Taurus", "PT 92", "TYE14712", "Taurus International", "BR"),
    "F-03": ("milled", 0, "9x19 mm", "hemispherical", "pistol", "Smith & Wesson", "M&P 9", "HSB4028", "", "US"),
    "F-04": ("arc_milled", 0, "9x19 mm", "hemispherical", "", "", "", "", "", ""),
    "F-05": ("granular", 0, "9x19 mm", "rectangular", "pistol", "Glock", "19", "BKWS815", "Glock Inc.", "AT"),
    "F-06": ("milled", 0, "9x19 mm", "hemispherical", "pistol", "Beretta", "92 FS", "obliterated", "Beretta USA", "IT"),
    "F-07": ("granular", 0, ".40 S&W", "elliptical", "", "", "", "", "", ""),
    "F-08": ("arc_milled", 0, ".40 S&W", "elliptical", "pistol", "Heckler & Koch", "USP", "22-104417", "Heckler & Koch Inc.", "DE"),
    "F-09": ("granular", 0, "9x19 mm", "hemispherical", "", "", "", "", "", ""),
    "F-10": ("milled", 0, ".40 S&W", "hemispherical", "", "", "", "", "", ""),
    "F-11": ("granular", 0, "9x19 mm", "hemispherical", "pistol", "Canik", "TP9", "T6472-19 AB 01177", "Century Arms", "TR"),
    "F-12": ("milled", 0, "9x19 mm", "hemispherical", "pistol", "Ruger", "P95", "315-60241", "", "US"),
}

# scene: laboratory, agency, kind, date as known, state, city, latitude, longitude, case,
# and the firearms with the number of casings each left
SCENES = [
    ("JRZ-0612", MX, 0, "shooting", "2023-12-06", "MX-CHH", "Ciudad Juárez", 31.7333, -106.4833, "FGE/4211/2023", {"F-01": 2}),
    ("JRZ-0117", MX, 0, "homicide", "2024-01-17", "Chihuahua", "Ciudad Juárez", 31.6904, -106.4245, "FGE/0117/2024", {"F-01": 2, "F-10": 2}),
    ("CUU-0302", MX, 0, "shooting", "2024-03", "INEGI 08", "Chihuahua", 28.6353, -106.0889, "FGE/0644/2024", {"F-01": 2}),
    ("JRZ-0520", MX, 0, "robbery", "", "Chih.", "Ciudad Juárez", 31.7, -106.44, "FGE/1187/2024", {"F-10": 2}),
    ("HMO-0214", MX, 1, "shooting", "2024-02-14", "Sonora", "Hermosillo", 29.0729, -110.9559, "FGR/0301/2024", {"F-02": 2}),
    ("NOG-0409", MX, 1, "homicide", "2024-04-09/2024-04-11", "MX-SON", "Nogales", 31.3086, -110.9422, "FGR/0588/2024", {"F-02": 2}),
    ("REY-1103", MX, 1, "shooting", "2023-11-03", "Tamaulipas", "Reynosa", 26.0508, -98.2979, "FGR/2210/2023", {"F-04": 2}),
    ("MTY-0208", MX, 1, "assault", "2024-02-08", "Nuevo León", "Monterrey", 25.6866, -100.3161, "FGR/0290/2024", {"F-04": 2}),
    ("GDL-0630", MX, 1, "shooting", "2024-06", "jalisco", "Guadalajara", 20.6597, -103.3496, "FGR/0911/2024", {"F-04": 1}),
    ("CUL-0701", MX, 1, "homicide", "2023-07-01", "Sinaloa", "Culiacán", 24.8091, -107.394, "FGR/1404/2023", {"F-06": 2}),
    ("TRC-0811", MX, 1, "shooting", "2023-08-11", "MX-05", "Torreón", 25.5428, -103.4068, "FGR/1660/2023", {"F-06": 2}),
    ("ZAC-1015", MX, 1, "found", "2023", "Zacatecas", "Fresnillo", None, None, "FGR/2055/2023", {"F-06": 1}),
    ("TIJ-0318", MX, 1, "shooting", "2024-03-18", "Baja California", "Tijuana", 32.5149, -117.0382, "FGR/0466/2024", {"F-08": 2}),
    ("MXL-0422", MX, 1, "robbery", "2024-04-22", "B.C.", "Mexicali", 32.6245, -115.4523, "FGR/0630/2024", {"F-08": 2}),
    ("ELP-1019", US, 0, "shooting", "2023-10-19", "Texas", "El Paso", 31.7587, -106.4869, "EP-23-20931", {"F-01": 2}),
    ("LCR-1111", US, 0, "assault", "2023-11-11", "New Mexico", "Las Cruces", 32.3199, -106.7637, "EP-23-22760", {"F-01": 1}),
    ("TUS-0930", US, 1, "shooting", "2023-09-30", "US-AZ", "Tucson", 32.2226, -110.9747, "TU-23-1176", {"F-03": 2}),
    ("PHX-1224", US, 1, "robbery", "2023-12-24", "Arizona", "Phoenix", 33.4484, -112.074, "TU-23-1502", {"F-03": 2}),
    ("LRD-0121", US, 0, "shooting", "2024-01-21", "US-48", "Laredo", 27.5306, -99.4803, "EP-24-00412", {"F-05": 2}),
    ("SAT-0228", US, 0, "homicide", "2024-02-28", "Tejas", "San Antonio", 29.4241, -98.4936, "EP-24-01877", {"F-05": 2}),
    ("HOU-0305", US, 0, "shooting", "2024-03-05", "TX", "Houston", 29.7604, -95.3698, "EP-24-02044", {"F-05": 1}),
    ("ABQ-0414", US, 0, "shooting", "2024-04-14", "N. Mex.", "Albuquerque", 35.0844, -106.6504, "EP-24-03310", {"F-07": 2}),
    ("ELP-0501", US, 0, "assault", "2024-05-01", "Texas", "El Paso", 31.79, -106.42, "EP-24-03975", {"F-09": 1}),
    ("ELP-0519", US, 0, "shooting", "2024-05-19/2024-05-20", "Texas", "El Paso", 31.8, -106.4, "EP-24-04410", {"F-09": 2}),
    ("DAL-0602", US, 0, "found", "", "Texas", "Dallas", 32.7767, -96.797, "EP-24-04981", {"F-09": 1}),
]

# firearm: laboratory, agency, date, state, city, case
RECOVERED = {
    "F-01": (MX, 0, "2024-05-30", "MX-CHH", "Ciudad Juárez", "FGE/1302/2024"),
    "F-02": (MX, 1, "2024-06-12", "MX-SON", "Nogales", "FGR/0877/2024"),
    "F-06": (MX, 1, "2024-02", "MX-SIN", "Culiacán", "FGR/0333/2024"),
    "F-08": (MX, 1, "2024-05-02", "MX-BCN", "Mexicali", "FGR/0690/2024"),
    "F-12": (MX, 1, "2024-07-09", "MX-TAM", "Nuevo Laredo", "FGR/1010/2024"),
    "F-03": (US, 1, "2024-01-15", "US-AZ", "Phoenix", "TU-24-0044"),
    "F-05": (US, 0, "2024-03-09", "US-TX", "Houston", "EP-24-02101"),
    "F-11": (US, 0, "2024-07-02", "US-TX", "Laredo", "EP-24-05533"),
}
# The same pistol as F-01, entered by another office with two digits transposed.
DOUBLE = ("F-01-FGR", "F-01", "TYE14171", "Forjas Taurus", "2024-06-01")

# firearm: outcome, reason, completed, manufacturer, date, importer, date, wholesalers, dealer,
# licence, date, state, city, purchase date, purchaser, birth date, address, document
RESULTS = {
    "F-01": ("purchaser", "", "2024-07-01", "Taurus Armas", "2022-11", "Taurus International", "2023-01-20", "Gulf Wholesale", "Mesa Street Arms", "5-74-141-01-0A-00417", "2023-05-02", "US-TX", "El Paso", "2023-06-10", "Dana Q. Invented", "1991-04-23", "17 Nowhere Lane, El Paso", "TX-ID 00000001"),
    "F-02": ("purchaser", "", "2024-07-20", "Taurus Armas", "2022-11", "Taurus International", "2023-01-20", "Gulf Wholesale", "Mesa Street Arms", "5-74-141-01-0A-00417", "2023-05-02", "US-TX", "El Paso", "2023-06-10", "INVENTED, Dana Q", "1991-04-23", "17 Nowhere Lane, El Paso", "TX-ID 00000001"),
    "F-06": ("none", "serial_obliterated", "2024-03-30", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""),
    "F-08": ("purchaser", "", "2024-06-11", "Heckler & Koch", "2009-03", "Heckler & Koch Inc.", "2009-06", "Pacific Wholesale; Desert Wholesale", "Harbor Sporting", "9-95-073-01-1B-00233", "2010-02-11", "US-CA", "San Diego", "2010", "Robin Imaginary", "1969-12-01", "4 Fiction Way, San Diego", "CA-DL F0000000"),
    "F-12": ("dealer", "records_lost", "2024-08-15", "Ruger", "2004-08", "", "", "Plains Wholesale", "Prairie Guns", "5-48-085-07-2C-00101", "2004-10", "US-OK", "Tulsa", "", "", "", "", ""),
    "F-03": ("purchaser", "", "2024-02-20", "Smith & Wesson", "2021-01", "", "", "Rio Wholesale", "Cactus Range", "9-86-019-01-3D-00555", "2021-03-15", "US-AZ", "Tucson", "2021-05/2021-06", "Alex Madeup", "1988-08-08", "8 Storybook Court, Tucson", "AZ-DL D0000000"),
    "F-05": ("purchaser", "", "2024-04-02", "Glock", "2022-06", "Glock Inc.", "2022-08", "Gulf Wholesale", "Bayou Firearms", "5-74-201-01-4E-00871", "2023-01-09", "US-TX", "Houston", "2023-02-18", "Chris Notreal", "1999-09-09", "99 Novel Drive, Houston", "TX-ID 00000002"),
    "F-11": ("purchaser", "", "2024-08-01", "Canik", "2019-01", "Century Arms", "2019-04", "", "Bayou Firearms", "5-74-201-01-4E-00871", "2019-06-01", "US-TX", "Houston", "2019-07-04", "Chris Notreal", "1999-09-09", "99 Novel Drive, Houston", "TX-ID 00000002"),
}

SHIPMENTS = {
    US: ("SH-LRD-0702", "parcel", "seized", "Border Parcel", "BP 4711 0815", "US", "US-TX", "Houston", "MX", "MX-NLE", "Monterrey", 0, 0, 0, "machine parts", 1, 6, 400, "", "2024-07-02", "US-TX", "Laredo", 27.5306, -99.4803, "TXEPPD001", "EP-24-05533", "F-11", ""),
    MX: ("SH-NLD-0709", "land", "seized", "Transportes Inventados", "TI-20240709-3", "US", "US-TX", "San Antonio", "MX", "MX-TAM", "Nuevo Laredo", 0, 0, 0, "toys", 1, 2, 0, "toys", "2024-07-09", "MX-TAM", "Nuevo Laredo", 27.4779, -99.5496, "MXFGR0009", "FGR/1010/2024", "F-12", ""),
}


def table(path, headings, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings.split(","))
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def laboratory(folder, lab):
    agencies = AGENCIES[lab]
    table(folder / "agency.csv", "agency_id,name,country,state", agencies)
    scenes = [scene for scene in SCENES if scene[1] == lab]
    recovered = {gun: r for gun, r in RECOVERED.items() if r[0] == lab}
    cases = {scene[9]: agencies[scene[2]][0] for scene in scenes}
    cases |= {r[5]: agencies[r[1]][0] for r in recovered.values()}
    table(folder / "case.csv", "case_number,agency", sorted(cases.items()))
    table(
        folder / "event.csv",
        "scene_id,type,date,state,municipality,latitude,longitude,agency,case_number",
        [(s[0], *s[3:9], agencies[s[2]][0], s[9]) for s in scenes],
    )
    guns = [(gun, *FIREARMS[gun][4:7], FIREARMS[gun][2], *FIREARMS[gun][7:]) for gun in recovered]
    events = [(f"R-{gun}", gun, "recovered", r[2], r[3], r[4], agencies[r[1]][0], r[5]) for gun, r in recovered.items()]
    if lab == MX:
        double, of, serial, make, day = DOUBLE
        gun, r = FIREARMS[of], RECOVERED[of]
        guns.append((double, gun[4], make, gun[6], gun[2], serial, *gun[8:]))
        events.append((f"R-{double}", double, "recovered", day, r[3], r[4], agencies[1][0], ""))
    table(folder / "firearm.csv", "firearm_id,type,make,model,calibre,serial,importer,country_of_origin", guns)
    table(folder / "firearm_event.csv", "firearm_event_id,firearm_id,type,date,state,municipality,agency,case_number", events)
    headings = "shipment_id,transport,status,carrier,waybill,origin_country,origin_state,origin_municipality,destination_country,destination_state,destination_municipality,declared_firearms,declared_parts,declared_ammunition,declared_other,found_firearms,found_parts,found_ammunition,found_other,date,state,municipality,latitude,longitude,agency,case_number,firearms,casings"
    table(folder / "shipment.csv", headings, [SHIPMENTS[lab]])
    headings = "trace_id,firearm_id,outcome,no_trace_reason,completed,manufacturer,manufacturer_date,importer,importer_date,wholesalers,dealer,dealer_licence,dealer_date,dealer_state,dealer_municipality,purchase_date,purchaser_name,purchaser_birth_date,purchaser_address,purchaser_document"
    table(folder / "results.csv", headings, [("", gun, *RESULTS[gun]) for gun in recovered])
    # Which entries are the same firearm, to be found out by the program.
    table(folder / "doubles.csv", "firearm_id,is_also", [DOUBLE[:2]] if lab == MX else [])
    manifest, truth, shot = [], [], {}
    order = {gun: n for n, gun in enumerate(FIREARMS)}

    def casing(name, gun, scene):
        finish, line, calibre, pin = FIREARMS[gun][:4]
        shot[gun] = shot.get(gun, 20 if lab == MX else 60) + 7
        file = f"scans/{name}.x3p"
        origin = "evidence" if scene else "test_fire"
        manifest.append((file, name, "breech_face", origin, scene, "" if scene else gun, calibre, pin))
        truth.append((file, name, gun, order[gun], finish, line, pin, shot[gun]))

    for scene in scenes:
        number = 0
        for gun, count in scene[10].items():
            for _ in range(count):
                number += 1
                casing(f"{scene[0]}-{number}", gun, scene[0])
    for gun in recovered:
        casing(f"TF-{gun}-1", gun, "")
        casing(f"TF-{gun}-2", gun, "")
    table(folder / "manifest.csv", "file,casing_id,mark_kind,origin,scene_id,firearm_id,calibre,firing_pin_shape", manifest)
    table(folder / "truth.csv", "file,casing_id,firearm_id,gun,finish,in_line,pin,shot", truth)
    return len(manifest)


def main():
    folder = Path(sys.argv[1])
    casings = sum(laboratory(folder / lab, lab) for lab in (MX, US))
    print(f"{len(FIREARMS)} firearms, {casings} casings, {len(SCENES)} scenes")


if __name__ == "__main__":
    main()

//! Spanish, as written in Mexican forensic practice.

use super::language::Language;
use super::numbers::rounded;
use super::strings::Strings;
use crate::model::{PopulationSource, Rule, Subject};
use types::error::Kind;
use types::evidence::{FiringPinShape, Modality, Origin, SameAcquisition, Sameness};
use types::mark::Verdict;

pub(super) const SPANISH: Strings = Strings {
    language: Language::Spanish,
    code: "es",
    skip_to_content: "Ir al contenido",
    casing_title: "Informe de casquillo",
    pair_title: "Informe de comparación",
    batch_title: "Resumen del lote",
    lead_is_aid: "Una pista es un apoyo a la investigación, no una identificación.",
    lead_is_aid_more: "El programa ordena candidatos por semejanza. Solo un perito calificado, con los elementos bajo un microscopio de comparación, puede llegar a una conclusión sobre su origen.",
    laboratory_not_configured: "Laboratorio: sin configurar",
    address_not_configured: "Domicilio: sin configurar",
    accreditation_not_configured: "Acreditación: sin configurar",
    report_id: "Informe",
    issued: "Fecha de emisión",
    received: "Recepción de los elementos",
    performed: "Realización de la comparación",
    customer: "Solicitante",
    deviations: "Desviaciones del método",
    amendments: "Enmiendas",
    authorised_by: "Autorizado por",
    not_authorised: "aún sin autorizar",
    software: "Programa",
    recipe: "Receta (SHA-256)",
    ledger_head: "Último asiento de la bitácora (SHA-256)",
    schema_version: "Versión del modelo de datos",
    not_stated: "no consta",
    none: "ninguno",
    limitations: "Limitaciones",
    traceability: "Trazabilidad",
    relates_only: "Este informe se refiere únicamente a los elementos que en él se enumeran. Solo puede reproducirse completo.",
    end_of_report: "Fin del informe",
    not_calibrated: "sin calibrar",
    firearms: "armas",
    pairs: "pares",
    scene: "lugar de los hechos",
    case: "carpeta",
    firearm: "arma",
    calibre: "calibre",
    firing_pin: "percutor",
    acquired: "medido",
    area: "área",
    coverage: "con datos",
    rms: "RMS",
    prepared_pitch: "comparada a",
    failures: "Sin procesar",
    no_failures: "Se procesaron todos los elementos.",
    failures_intro: "Estos elementos no pudieron utilizarse; nada en este informe se apoya en ellos.",
    file: "Archivo",
    line: "Línea",
    reason: "Motivo",
    advice: "Qué hacer",
    questioned_casing: "Casquillo cuestionado",
    questioned: "Cuestionado",
    compared_with: "Casquillos comparados",
    first_candidate: "Primer candidato",
    of: "de",
    weight: "Peso de la evidencia",
    log10_lr: "Peso, log10 LR",
    validation: "Validación: calidad de las razones de verosimilitud",
    weighed: super::weight::spanish,
    score: "Puntuación",
    congruent_cells: "Celdas congruentes",
    other_cells: "Otras celdas",
    ccf: "Correlación",
    overlap: "Área común, mm²",
    pose: "Giro y desplazamiento, B desde A",
    runner_up: "Segunda mejor posición",
    group: "Grupo propuesto",
    rank: "Posición",
    picture: "Imagen",
    picture_of: "Imagen alineada de",
    candidate: "Candidato",
    ranked_candidates: "Candidatos ordenados",
    no_candidates: "No se encontró ningún candidato.",
    score_note: "La puntuación ordena los candidatos por semejanza: más alta es más semejante. No es una probabilidad. Toda lista tiene una primera posición, esté o no el arma en el acervo. Las barras son relativas a la puntuación más alta de la lista.",
    comparisons: "Comparaciones",
    comparison: "Comparación",
    how_to_read_cells: "A es la marca cuestionada; B es la del candidato, girada y desplazada sobre A. Los cuadros azules continuos con número son celdas congruentes: el mismo número señala la misma celda en ambos lados. Los cuadros anaranjados discontinuos se probaron y no concuerdan con el giro y el desplazamiento comunes. Las zonas rayadas no tienen datos.",
    image_caption: "Imágenes en el marco de A, a la misma escala.",
    profiles_alt: "Los perfiles de ambas marcas a través de sus estrías, superpuestos.",
    profiles_caption: "Medias a lo largo de las estrías de ambas marcas, según el lugar a través de ellas en A; B está girada y desplazada como en la comparación. Debajo: los segmentos buscados, numerados y azules donde concuerdan con el perfil entero, discontinuos donde no.",
    depth_caption: "Alturas con los mismos colores en ambos lados, ambos relieves superpuestos (A en rojo, B en cian, gris donde concuerdan) y la diferencia A − B (azul donde A es más baja, anaranjado donde es más alta).",
    overlay_caption: "Ambas imágenes superpuestas (A en rojo, B en cian, gris donde concuerdan) y la diferencia A − B (azul donde A es más oscura, anaranjado donde es más clara).",
    no_picture: "Sin imagen: las marcas preparadas no estaban disponibles al elaborar el informe.",
    colour_scale: "Escala de colores de las alturas",
    cell_table: "Tabla de celdas",
    cell_side: "Lado de una celda:",
    cell_table_caption: "Lugar de cada celda en A y en B, desde el centro de cada malla, x a la derecha, y hacia abajo",
    number: "Núm.",
    turn: "Giro",
    congruent: "Congruente",
    yes: "sí",
    no: "no",
    microscope: "Microscopio de comparación",
    pair_shown: "Par",
    layout: "Disposición",
    split_line: "Línea divisoria",
    side_by_side: "Lado a lado",
    overlay: "Superposición",
    difference: "Diferencia A − B",
    surface: "Superficie",
    relief: "Relieve sombreado",
    height_colours: "Colores",
    light: "Luz desde",
    zoom_in: "Acercar",
    zoom_out: "Alejar",
    reset: "Restablecer",
    items: "Elementos",
    items_caption: "Casquillos, los escaneos en que se midieron y la condición de las marcas",
    casing: "Casquillo",
    scan: "Escaneo",
    condition: "Marca y condición",
    method: "Método y filtros",
    filters: "Filtros",
    no_filters: "No se aplicó ningún filtro: nada se excluyó.",
    filter_rule: "Filtro",
    excluded: "Casquillos excluidos",
    no_run: "Este resumen dice lo que contiene la base de datos; nada se importó ni se comparó al elaborarlo.",
    totals: "Totales",
    manifest_rows: "Renglones del manifiesto",
    imported: "Escaneos importados",
    already_known: "Escaneos ya almacenados",
    failed: "Sin procesar",
    pairs_compared: "Pares comparados",
    pairs_known: "Pares comparados antes",
    casings: "Casquillos",
    origin_title: "Procedencia",
    groups: "Grupos propuestos",
    no_groups: "No se propone ningún grupo.",
    groups_note: "Un grupo reúne casquillos que el programa propone examinar juntos. Es una propuesta, no la constatación de que una misma arma los disparó.",
    prototype: "Representa al grupo",
    firearms_title: "Armas conocidas",
    scenes: "Lugares de los hechos",
    links: "Vínculos propuestos",
    no_links: "No se propone ningún vínculo.",
    links_note: "Pares propuestos para la decisión de una persona capacitada, los más semejantes primero.",
    judged_on: "Juzgado en esta escala",
    open_pairs: "Pares abiertos",
    open_note: "Ni propuestos ni claramente de dos armas: sus puntuaciones son demasiado pocas, o demasiado bajas, para juzgar. Entre paréntesis, la probabilidad a posteriori de una sola arma.",
    nothing_judged: "No se comparó nada, así que no hubo qué juzgar.",
    judged_in_summary: "El resumen del lote dice en qué escala se juzgan los vínculos y qué pares están abiertos.",
    mark: "Marca",
    same_source: "mismo origen",
    different_source: "distinto origen",
    in_one_group: "en un mismo grupo propuesto",
    not_in_one_group: "no en un mismo grupo propuesto",
    distribution_title: "Dónde se sitúan las puntuaciones",
    distribution_intro: "Cada marcador es un candidato de esta lista, por su posición. Ambas clases de pares llenan la misma área; el número de pares va entre paréntesis.",
    score_of_pair: "Puntuación de este par entre otros pares",
    group_section: "Grupo propuesto de este casquillo",
    group_intro: "Las líneas unen pares que se compararon; más gruesa es más semejante. Los discos son indicios, los cuadros disparos de prueba; el relleno es el casquillo en cuestión.",
    group_graph_alt: "Casquillos del grupo propuesto y los vínculos entre ellos; la tabla siguiente dice lo mismo.",
    confidence: "Confianza del grupo",
    compared_pairs: "Pares comparados dentro del grupo",
    excluded_title: "Sin comparar, y por qué",
    same_acquisition: "¿La misma adquisición?",
    same_acquisition_intro: "Los escaneos de estos casquillos coinciden más de lo que coinciden dos mediciones, de modo que un mismo archivo pudo registrarse con dos nombres. Mientras una persona no haya aclarado el par, ningún vínculo, rango ni peso se apoya en él. Lo hallado sobre uno de los dos casquillos puede corresponder al otro.",
    same_acquisition_of,
    quality_notes: "Notas de calidad",
    quality_intro: "Léanse antes de confiar en la lista: se refieren a la marca cuestionada.",
    news: "Novedades desde la última ejecución",
    no_news: "Ningún casquillo es nuevo desde que se emitió el último índice.",
    replaces: "Sustituye a",
    state_note: "El informe describe la base de datos tal como estaba en ese extremo del libro mayor. Se emite de nuevo cuando cambia lo que halla, y no porque la base de datos haya crecido: cuántos casquillos se compararon y cómo se distribuyen las demás puntuaciones corresponden a ese estado.",
    is_new: "nuevo",
    watched: "Lista de vigilancia: vínculos nuevos",
    watched_what: "Vigilado",
    watched_why: "Motivo",
    watched_by: "Para",
    overdue: "Vencidos",
    overdue_step: "Paso",
    overdue_due: "Vencía",
    subject: "Asunto",
    map_firearms: "Los cuadros con letra son lo que les ocurrió a armas, como en la tabla de sucesos; la línea anaranjada discontinua une lo que le ocurrió a una misma, en orden.",
    map_intro: "Los números son los de la tabla de lugares. Las líneas unen lugares con un vínculo propuesto entre sus casquillos. El contorno es aproximado y solo sirve de orientación.",
    map_alt: "Mapa de los lugares; la tabla de lugares dice lo mismo.",
    map_states: "Los lugares discontinuos son aproximados: a falta de coordenadas están donde consta otra cosa en el mismo municipio, o en la capital del estado.",
    mexico: "México",
    united_states: "Estados Unidos",
    timeline_title: "Línea de tiempo",
    timeline_intro: "Discos: lugares de los hechos. Cuadros: lo que les ocurrió a armas. Una barra abarca los días que pudo ser.",
    timeline_alt: "Sucesos en el orden de sus fechas; la tabla siguiente dice lo mismo.",
    events_title: "Sucesos",
    date_title: "Fecha",
    place_title: "Ubicación",
    open_in_microscope: "Ver en el microscopio de comparación",
    elevation: "Altura de la luz",
    flip: "Alternar A y B",
    cell_here: "Celda",
    logo: "Logotipo del laboratorio",
    page_of: "Página",
    histogram_table: "La gráfica como tabla",
    from_score: "Puntuación desde",
    verify_note: "Si este archivo está como se escribió: brasslink report verify ARCHIVO. Si la base de datos de evidencia dice lo mismo: agregue --store.",
    standing_limitations: &[
        "Las puntuaciones comparan las marcas tal como se midieron. El desgaste, la suciedad, la munición y la calidad del escaneo las modifican.",
        "Una puntuación baja no excluye un origen común; una puntuación alta no lo establece.",
        "Un arma que no está en el acervo no puede hallarse; la primera posición la ocupa entonces otra.",
        "Donde el peso de la evidencia dice «sin calibrar», ninguna población de referencia corresponde a esta comparación y no se da cifra alguna.",
    ],
    standing_method: &[
        "Cada escaneo se leyó del archivo identificado por su SHA-256. La marca se localizó, se niveló, se filtró con un pasabanda de regresión gaussiana (ISO 16610) y se remuestreó a un paso común, según lo establecido en la receta.",
        "Dos marcas se registran por correlación cruzada normalizada que deja fuera los datos faltantes, en todos los giros. El área común a ambas se divide después en celdas, cada una se recorta de una marca y se busca en la otra, en ambos sentidos, y una celda es congruente cuando su correlación es suficiente y su ubicación y su giro concuerdan con los de las demás; se informa el sentido con menos celdas congruentes. La puntuación es la correlación en el área común medida en desviaciones estándar de la concordancia por azar, y ordena los candidatos.",
    ],
    population: |compared, casings| {
        format!(
            "Comparado con {compared} de los otros {casings} casquillos del acervo que llevan una marca de este tipo."
        )
    },
    ranking_caption: |listed, compared| {
        format!(
            "Los primeros {listed} de {compared} casquillos comparados, del más semejante al menos"
        )
    },
    cells_alt: |congruent, cells| format!("{congruent} de {cells} celdas son congruentes."),
    relief_caption: |stretch| {
        format!(
            "Relieve sombreado en el marco de A, a la misma escala, luz desde arriba a la izquierda, alturas ampliadas {stretch} veces en ambos lados."
        )
    },
    date,
    month,
    mark_kind: super::marks::spanish,
    modality,
    origin,
    firing_pin_shape,
    verdict,
    failure,
    population_of_scores,
    rule,
    decisions: &super::decisions::SPANISH,
    traced: &super::firearms::SPANISH,
    theirs: &super::theirs::SPANISH,
    hands: &super::microscope::SPANISH,
    letter: &super::letter::SPANISH,
    subject_title,
    stands,
    robust_title: "Lo que la puntuación debe a la preparación",
    robust_intro: "Los mismos dos escaneos, preparados de otras maneras igual de plausibles: cada opción sola, todo lo demás como en la receta. Una puntuación que se mueve poco no depende de la receta elegida.",
    robust_caption: "Cada opción sola",
    robust_choice: "Preparado de otra manera",
    robust_change: "Cambio",
    robust_range,
    robust_strangers,
};

const MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

fn date(day: i8, of: i8, year: i16) -> String {
    format!("{day} de {}", month(of, year))
}

fn month(month: i8, year: i16) -> String {
    let place = usize::from(month.unsigned_abs()).wrapping_sub(1);
    let name = MONTHS.get(place).copied().unwrap_or("?");
    format!("{name} de {year}")
}

const fn modality(modality: Modality) -> &'static str {
    match modality {
        Modality::Topography => "topografía 3D",
        Modality::Image => "imagen 2D",
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Evidence => "indicio",
        Origin::TestFire => "disparo de prueba",
    }
}

const fn firing_pin_shape(shape: FiringPinShape) -> &'static str {
    match shape {
        FiringPinShape::Hemispherical => "hemisférico",
        FiringPinShape::Rectangular => "rectangular",
        FiringPinShape::Elliptical => "elíptico",
        FiringPinShape::Flat => "plano",
        FiringPinShape::Other => "otro",
        FiringPinShape::Unknown => "no registrado",
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "buena",
        Verdict::Doubtful => "dudosa",
        Verdict::Unusable => "inutilizable",
    }
}

const fn failure(kind: Kind) -> &'static str {
    match kind {
        Kind::Io => "El archivo no pudo leerse o escribirse",
        Kind::UnknownFormat => "Formato de archivo desconocido",
        Kind::Damaged => "Archivo dañado",
        Kind::TooLarge => "Mayor que el límite",
        Kind::UnknownPixelSize => "Tamaño de píxel desconocido",
        Kind::BadInput => "Dato inutilizable",
        Kind::NoMark => "No se halló una marca utilizable",
        Kind::Mirrored => "Coincide mucho mejor reflejada o invertida en altura",
        Kind::Incomparable => "No comparable",
        Kind::Store => "Base de datos de evidencia dañada o de versión desconocida",
        Kind::Locked => "Base de datos en uso por otro proceso",
        Kind::NotFound => "No está en la base de datos",
        Kind::Internal => "Defecto del programa",
    }
}

fn population_of_scores(population: &PopulationSource) -> String {
    match population {
        PopulationSource::KnownFirearms => {
            "Pares de esta base de datos cuyas armas constan (disparos de prueba).".into()
        }
        PopulationSource::ProposedGroups => "Pares de esta base de datos, separados por los grupos que el propio programa propone: muestra qué se aparta de qué, no qué es cierto.".into(),
        PopulationSource::Named(name) => format!("Población de referencia: {name}."),
    }
}

fn same_acquisition_of(found: &SameAcquisition) -> String {
    let SameAcquisition { a, b, why, .. } = found;
    match why {
        Sameness::SameValues => format!("{a} y {b}: todos los valores medidos son iguales."),
        Sameness::NearIdentical(l) => {
            let [low, high] = [l.band_um.0, l.band_um.1].map(|um| rounded(um, 0));
            let (r, area) = (rounded(l.correlation, 3), rounded(l.area_mm2, 2));
            format!("{a} y {b}: correlación {r} en ondas de {low} a {high} µm sobre {area} mm².")
        }
    }
}

fn rule(rule: &Rule) -> String {
    match rule {
        Rule::NoSuchMark => "sin marca de este tipo medida de este modo".into(),
        Rule::UnusableMark => "marca inutilizable según el control de calidad".into(),
        Rule::Screened => {
            "descartado por el tamizaje: su boceto no está entre los más semejantes".into()
        }
        Rule::SameAcquisition => "¿la misma adquisición? sin comparar hasta que se aclare".into(),
        Rule::Class(words) => Language::Spanish.tell(words),
    }
}

fn subject_title(subject: &Subject) -> String {
    match subject {
        Subject::Case(id) => format!("Informe de caso: {id}"),
        Subject::Group(id) => format!("Informe de pista: {id}"),
    }
}

fn robust_range(low: &str, high: &str, choices: &str) -> String {
    format!("La puntuación queda entre {low} y {high} con {choices} otras opciones.")
}

fn robust_strangers(reaches: bool, below: &str, class: &str) -> String {
    if reaches {
        return format!(
            "Atención: los pares de la clase «{class}» llegan hasta {below}, y la puntuación más baja de este intervalo no queda por encima. La preparación elegida puede decidir."
        );
    }
    format!(
        "Todos los pares de la clase «{class}» quedan por debajo de {below}; este intervalo queda por encima."
    )
}

fn stands(same: &str, different: &str, [together, apart]: [&str; 2]) -> String {
    format!("Al menos igual de alta: {different} ({apart}) y {same} ({together}).")
}

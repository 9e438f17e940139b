//! Small xlsx files, made part by part, so that each can be wrong in its own way.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The one text that cells can share.
pub(crate) fn shared() -> String {
    "x".repeat(1_000)
}

/// A workbook with one sheet of this XML between `<sheetData>` and its end. Style 1 is a day, 2 a day with a time.
pub(crate) fn workbook(rows: &str) -> Vec<u8> {
    workbook_of(&[("Sheet1", rows)], "")
}

/// A workbook with these sheets, and what its properties say.
pub(crate) fn workbook_of(sheets: &[(&str, &str)], properties: &str) -> Vec<u8> {
    let mut parts = vec![
        (
            "[Content_Types].xml".to_owned(),
            r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"#.to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/sharedStrings.xml".to_owned(),
            format!(
                r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{}</t></si></sst>"#,
                shared()
            ),
        ),
        (
            "xl/styles.xml".to_owned(),
            r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>"#.to_owned(),
        ),
    ];
    let (mut listed, mut related) = (String::new(), String::new());
    for (at, (name, rows)) in sheets.iter().enumerate() {
        let at = at + 1;
        listed += &format!(r#"<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>"#);
        related += &format!(
            r#"<Relationship Id="rId{at}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{at}.xml"/>"#
        );
        parts.push((
            format!("xl/worksheets/sheet{at}.xml"),
            format!(
                r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
            ),
        ));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(
            r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">{properties}<sheets>{listed}</sheets></workbook>"#
        ),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{related}</Relationships>"#
        ),
    ));
    pack(parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())))
}

/// A file of these parts.
pub(crate) fn pack<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        zip.start_file(name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A row of text cells.
pub(crate) fn texts(row: u32, cells: &[&str]) -> String {
    let cells = cells.iter().zip('A'..='Z').filter(|(text, _)| !text.is_empty());
    let cells = cells
        .map(|(text, column)| format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#));
    format!(r#"<row r="{row}">{}</row>"#, cells.collect::<String>())
}

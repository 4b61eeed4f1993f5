/// A path as it may stand in a message: hospitals put names, ids and dates of patients into the names of files and folders, and
/// messages end in logs and reports.
///
/// Only words of the trade, numbers of up to three digits and numbers of image files are shown, everything else becomes `…`:
/// `DOE_JANE_19601231/t2_flair_003.nii.gz` reads `…/t2_flair_003.nii.gz`. The run's private table
/// (`phi/cases.tsv`) has the full path.
public enum RedactedPath {
  /// What stands for a part that is not shown.
  public static let mark = "…"

  /// The path with everything hidden that might tell who the patient is.
  ///
  /// - Parameter path: relative to what the user named; of an absolute path only the last part is shown.
  public static func describe(_ path: String) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    if path.hasPrefix("/") { parts = parts.suffix(1) }
    return parts.map(describe(part:)).joined(separator: "/")
  }

  private static func describe(part: String) -> String {
    // A UID is an id as a whole, also where its numbers are short.
    let isUID = part.count { $0 == "." } >= 3 && part.allSatisfy { $0.isNumber || $0 == "." }
    if isUID { return mark }
    var shown = ""
    var word = ""
    func end() {
      if word.isEmpty { return }
      if isHarmless(word) {
        shown += word
      } else if !shown.hasSuffix(mark) {
        shown += mark
      }
      word = ""
    }
    for character in part {
      if character.isASCII, character.isLetter || character.isNumber {
        word.append(character)
      } else if "_-. ".contains(character) {
        end()
        // Between two hidden words nothing is shown: how many parts a name has may tell it too.
        shown.append(character)
      } else {
        word.append(character)
      }
    }
    end()
    return collapsed(shown)
  }

  /// `…_…-…` becomes `…`.
  private static func collapsed(_ text: String) -> String {
    var result = ""
    var pending = ""
    for character in text {
      if String(character) == mark {
        if !result.hasSuffix(mark) { result += pending + mark }
        pending = ""
      } else if "_-. ".contains(character) {
        pending.append(character)
      } else {
        result += pending
        pending = ""
        result.append(character)
      }
    }
    return result + pending
  }

  private static func isHarmless(_ word: String) -> Bool {
    // "sub01" and "echo2": a word of the trade with a short number.
    let letters = word.prefix { !$0.isNumber }
    let digits = word.dropFirst(letters.count)
    let isNumber = digits.allSatisfy { $0.isASCII && $0.isNumber }
    let isShortNumber = digits.count <= 3 && isNumber
    if letters.isEmpty {
      // "000021" is a number of up to three digits too.
      return isShortNumber
        || isNumber && digits.count <= 8 && digits.drop(while: { $0 == "0" }).count <= 3
    }
    let lowered = word.lowercased()
    // "IM0021": scanners and archives number the images of a series like this.
    if numberedFiles.contains(letters.lowercased()), digits.count <= 5, isNumber {
      return true
    }
    return vocabulary.contains(lowered)
      || isShortNumber && vocabulary.contains(letters.lowercased())
  }

  private static let numberedFiles: Set<String> = ["im", "img", "image", "slice", "frame", "dcm"]

  /// Words that name images, files and their faults, and no people.
  private static let vocabulary: Set<String> = Set(
    """
    adc anat angio arm asl ax axial abdomen b0 b1000 bad base before after bold bone brain bravo broken bval \
    case cases chest contrast copy cor coronal corrupt corrupted crc ct cta cut damaged data dce dcm derived \
    dicom diffusion dir dti dual dwi echo empty end enh enhanced ep epi fast fat file files flair flow fmri \
    four func gd gold good gradient gre gt gz half hdr head header heart hip huge image images img im in input \
    inv ir knee label labels large left little big liver localizer loc lung magic mag mask masks map mean mip \
    missing mod mono mpr mprage mr mra mri neck nifti nii no normal offset one orig original out output part pat \
    patient pelvis perf phantom phase pd pet pixel pixels post pre prediction proton qform raw ref resampled \
    right run sag sagittal sample scan scans scout se sec seg segmentation ser series ses session sform short \
    size slice slices small space spin spine st std step stir study sub subject suv swi synthetic t t1 t1w t1ce \
    t2 t2w t2star test test1 tfe three time tir tof tra train trailing truncated truth tse tumor tumour two \
    unknown val validation view vol volume volumes w wb with without wrong x y z zero zip
    """.split(separator: " ").map(String.init))
}

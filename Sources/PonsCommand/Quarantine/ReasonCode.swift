/// Why a case can be quarantined: the stable codes of `summary.json`, one table for programs and people.
/// `docs/quarantine.md` is made of it.
package struct ReasonCode: Sendable, Hashable {
  /// What is at fault.
  package enum Area: String, Sendable, Hashable, CaseIterable {
    /// Source files that are damaged, incomplete, or not what they should be.
    case input
    /// What a stage found in the packets that it got.
    case content
    /// Joins of sources and tables, and stages that see all cases.
    case cohort
    /// The manifest asks for something that cannot be.
    case settings
    /// Memory, disk, descriptors: a new run may succeed.
    case machine
    /// Please report them; three in a row stop the run.
    case bug
    /// The case itself is not at fault.
    case run

    /// A heading.
    package var title: String {
      switch self {
      case .input: "Source files"
      case .content: "Content of packets"
      case .cohort: "Cases that belong together"
      case .settings: "Parameters and models"
      case .machine: "The machine"
      case .bug: "Faults of programs"
      case .run: "The run"
      }
    }

    /// One line for people.
    package var summary: String {
      switch self {
      case .input: "source files that are damaged, incomplete, or not what they should be"
      case .content: "what a stage found in the packets that it got"
      case .cohort: "joins of sources and tables, and stages that see all cases"
      case .settings: "the manifest asks for something that cannot be"
      case .machine: "memory, disk, descriptors: a new run may succeed"
      case .bug: "please report them; three in a row stop the run"
      case .run: "the case itself is not at fault"
      }
    }
  }

  /// The code, `TRUNCATED`.
  package var code: String
  /// What is at fault.
  package var area: Area
  /// What it means.
  package var meaning: String
  /// What to do about it.
  package var advice: String

  /// The code of a name; nil for codes of plugins that do not belong to Pons.
  package static func named(_ code: String) -> ReasonCode? { all.first { $0.code == code } }

  /// All codes, by area and name.
  package static let all: [ReasonCode] = input + content + cohort + settings + machine + bug + run

  private static let input = table(
    .input,
    [
      (
        "AMBIGUOUS_SERIES", "Several volumes of the study fit where one is wanted",
        "Make the rule narrower (description, modality, minimum_slices), or set per_study"
      ),
      (
        "ARCHIVE", "An archive stands among the images, named like them",
        "Unpack it, or take it away"
      ),
      (
        "BAD_BITPIX", "The NIfTI header contradicts itself about the bits of a voxel",
        "Convert the images again"
      ),
      (
        "BAD_CHECKSUM", "The compressed file is damaged: length or CRC-32 do not fit",
        "Copy the file again"
      ),
      (
        "BAD_CODESTREAM", "The compressed pixels of an image are damaged",
        "Send the series again from the archive"
      ),
      (
        "BAD_DEFLATE", "The deflated data set is damaged, too large, or ends early",
        "Send the series again from the archive"
      ),
      ("BAD_DIMENSIONS", "The NIfTI header has impossible dimensions", "Convert the images again"),
      (
        "BAD_FRAGMENTS", "The fragments of compressed pixels do not fit the image",
        "Send the series again from the archive"
      ),
      (
        "BAD_GEOMETRY", "Position or orientation in the NIfTI header are impossible",
        "Convert the images again"
      ),
      ("BAD_GZIP", "A gzip header in the file is damaged", "Copy the file again"),
      (
        "BAD_MAGIC", "The header has the size of a NIfTI header, but not its magic bytes",
        "Convert the images again"
      ),
      (
        "BAD_OFFSET", "The NIfTI header puts the voxels outside the file",
        "Convert the images again"
      ),
      (
        "BAD_POSITION", "Images of a series have impossible positions or orientations",
        "Look at the series in a viewer; send it again"
      ),
      (
        "BAD_RESCALE", "Rescale slope or intercept are no numbers, or the slope is 0",
        "Have the archive correct them"
      ),
      (
        "BAD_SCALING", "The NIfTI header scales voxels by numbers that are none",
        "Convert the images again"
      ),
      (
        "BAD_SIZE", "The size of an image is impossible, or does not fit its pixels",
        "Send the series again from the archive"
      ),
      (
        "BAD_STRUCTURE", "The DICOM header cannot be parsed",
        "Send the series again from the archive"
      ),
      (
        "BITS", "Pixels of a number of bits that is not supported, or not said",
        "Convert the series with another program"
      ),
      (
        "CODEC_TIMEOUT", "Decoding an image took too long; it is probably damaged",
        "Send the series again from the archive"
      ),
      ("COLOUR", "The images are in colour", "Leave the series out: it is no volume"),
      (
        "CONFLICTING_COPIES", "Two files have the same SOP Instance UID and different content",
        "Find out which one is right, and take the other away"
      ),
      ("DOCUMENT", "A document stands among the images, named like them", "Take it away"),
      (
        "DUPLICATE_POSITION", "Two different images lie at the same place",
        "Split the series, or take one of the images away"
      ),
      (
        "EMPTY", "There is nothing in a file, a volume or a mask",
        "Copy the file again; look at the stage before"
      ),
      (
        "FILE_CHANGED", "A file changed while the folder was read",
        "Wait until the transfer is complete, and run again"
      ),
      (
        "FOUR_DIMENSIONS", "The file holds several volumes (time points, echoes)",
        "Say which one with the parameter of the reader"
      ),
      (
        "IRREGULAR_SPACING", "The distances between the slices of a series differ",
        "Choose what on_gap does, or send the series again"
      ),
      (
        "MISSING_SLICE", "A slice of the series is missing",
        "Send the series again from the archive"
      ),
      (
        "MODALITY_LUT", "Pixel values go through a table, which is not supported",
        "Have the scanner send the series without it"
      ),
      (
        "MOSAIC", "The image is a mosaic of all slices of a volume",
        "Have the scanner send it as enhanced multi-frame"
      ),
      ("NAME_NOT_UTF8", "The name of a file is not UTF-8", "Rename the file"),
      (
        "NIFTI_FILE", "A NIfTI file stands among DICOM images",
        "Take it away, or read it with nifti.read"
      ),
      (
        "NOT_A_FILE", "A source names something that is no regular file",
        "Take pipes and devices out of the folder"
      ),
      ("NOT_DICOM", "A file among the images is not DICOM", "Take it away, or send it again"),
      (
        "NOT_DICOM_BUT_NAMED_SO", "A file is named like DICOM and is none",
        "Send the series again from the archive"
      ),
      (
        "NOT_FOUND", "A file or folder is not where it was",
        "Look whether it was moved, and run again"
      ),
      (
        "NOT_NIFTI", "The file does not begin with a NIfTI header",
        "Look whether it is the file that was meant"
      ),
      (
        "NO_FRAME_POSITIONS", "The header does not say where each frame is",
        "Send the series again from the archive"
      ),
      (
        "NO_GEOMETRY", "Images without position, orientation or pixel spacing",
        "Such series (screen captures, reports) cannot be volumes; leave them out"
      ),
      (
        "NO_PHOTOMETRIC", "The header does not say what the pixels stand for",
        "Send the series again from the archive"
      ),
      ("NO_SERIES", "The file names no series", "Leave it out, or send it again"),
      (
        "NO_SUCH_VOLUME", "The file holds fewer volumes than the one asked for",
        "Correct the parameter of the reader"
      ),
      (
        "NO_TRANSFER_SYNTAX", "The file does not say how it is encoded",
        "Send the series again from the archive"
      ),
      ("PICTURE", "A picture stands among the images, named like them", "Take it away"),
      (
        "REFUSED_SERIES", "A volume that might be the better choice could not be read",
        "Look at that volume first; refused: ignore chooses without it"
      ),
      ("TEXT_FILE", "A text file stands among the images, named like them", "Take it away"),
      (
        "TRAILING_BYTES", "Something that is not gzip follows the compressed data",
        "Copy the file again"
      ),
      (
        "TRANSFER_SYNTAX", "The pixels are encoded in a way that is not supported",
        "Have the archive send them uncompressed"
      ),
      ("TRUNCATED", "The file ends too early", "Copy the file again"),
      (
        "UNREADABLE", "The file cannot be opened or read",
        "Look at its permissions, and at the disk"
      ),
      (
        "UNSUPPORTED_VOXEL_TYPE", "Voxels of a type that cannot be read (complex, RGB)",
        "Convert the images first"
      ),
      (
        "ZEROS", "A file has nothing but zeros: a transfer or a disk failed",
        "Send the series again from the archive"
      ),
    ])

  private static let content = table(
    .content,
    [
      (
        "BAD_AFFINE", "The affine is no invertible 4 x 4 matrix of numbers",
        "Look at the stage before"
      ),
      (
        "BAD_GRID", "What the metadata say of the first grid cannot be read",
        "Look at the stage before"
      ),
      ("BAD_LABEL", "The name of a label is not allowed in DICOM", "Give the label another name"),
      ("BAD_LABELS", "Labels of slices are not as their kind says", "Look at the stage before"),
      ("BAD_PROMPTS", "Boxes or points that are not on the image", "Correct the file of prompts"),
      (
        "BAD_SHAPE", "Voxels of another shape than expected",
        "The reason says which; look at the stage before"
      ),
      (
        "BAD_TABLE", "A table cannot be read, or lacks a column",
        "The reason says which; correct the table"
      ),
      ("BAD_UID", "UIDs that DICOM does not allow", "Have the archive correct them"),
      (
        "ELEMENT_TYPE", "Voxels of a type that the port does not take",
        "Put a conversion before the stage"
      ),
      (
        "EMPTY_MASK", "Nothing was found: no voxel of the mask is set",
        "Not a fault as such; empty: frames writes an empty segmentation"
      ),
      (
        "FOUND_NOTHING", "A network was trained that finds nothing; the run stops",
        "Look at the masks that it learned from, and at the loss"
      ),
      (
        "GRID_MISMATCH", "Two packets that belong together lie on different grids",
        "Resample one onto the other, or put restore.grid before"
      ),
      (
        "LABELS_MISMATCH", "There are more or fewer labels than slices",
        "Label the volume that is used"
      ),
      (
        "MISSING_METADATA", "Metadata that the kind must have are not there",
        "Report it to the author of the stage before"
      ),
      (
        "MISSING_TENSOR", "A tensor that the kind must have is not there",
        "Report it to the author of the stage before"
      ),
      (
        "NOT_3D", "The volume has not three dimensions", "Choose one of its volumes when it is read"
      ),
      (
        "NOT_AN_IMAGE", "A packet without voxels cannot be written as an image",
        "Connect another output"
      ),
      (
        "NOT_FINITE", "Voxels that are infinite or not a number",
        "Look at the source; preprocess.normalize can replace them"
      ),
      (
        "NOT_NORMALISED", "The volume is not what the network was trained on",
        "Put preprocess.normalize before"
      ),
      (
        "NOT_REGULAR", "The images do not lie at regular distances",
        "Leave the segmentation object out for such series"
      ),
      (
        "NO_BRAIN_MASK", "No brain was found, or what was found is none",
        "Look at the images; another mask can be given by a site"
      ),
      ("NO_LABEL", "No rule says which class the slices have", "Complete the rules or the table"),
      (
        "NO_LABELS", "What is compared has voxels that are no labels (0 to 255)",
        "Compare masks"
      ),
      (
        "NO_LUNG_MASK", "No lungs were found, or what was found are none",
        "Look at the images: are they a CT of the chest?"
      ),
      (
        "NO_SLICES", "It is not said which slices were prompted",
        "Set slices: all, or use a stage that says it"
      ),
      ("NO_SOURCE", "It is not said which DICOM images it was made of", "Begin with dicom.read"),
      (
        "NO_SOURCE_GRID", "It is not said which grid it came from",
        "Begin with a stage that notes it, or connect reference"
      ),
      (
        "NO_STATISTIC", "The statistic does not exist for this volume",
        "Look at the volume: is it all NaN?"
      ),
      (
        "OTHER_WINDOW", "Slices were windowed differently than the classifier was trained",
        "Use the same window in both stages"
      ),
      (
        "OUT_OF_ENVELOPE", "The case is unlike those that the model was trained on",
        "The reason names value and range; use another model"
      ),
      (
        "POINTS_NOT_UNDERSTOOD", "The model understands boxes only, and got points",
        "Choose another model, or leave the points out"
      ),
      ("SHEARED_ROWS", "Rows and columns do not meet at right angles", "Resample the volume first"),
      (
        "TOO_LARGE", "More than fits: pixels of a slice, bytes of a file, voxels",
        "The reason says what; resample or split"
      ),
      (
        "UNKNOWN_TYPE", "Elements of a type that is not known",
        "Report it to the author of the stage before"
      ),
      (
        "UNSUPPORTED_SHAPE", "Voxels of a shape that the format cannot hold",
        "Choose another output"
      ),
      (
        "UPRIGHT", "The volume was resampled, and its slices are not those of the images",
        "Use the volume that was not made upright"
      ),
      ("VALUE_RANGE", "Voxels beyond what the format can write", "Look at the stage before"),
      (
        "WRONG_TYPE", "A tensor has another type of elements than its kind says",
        "Report it to the author of the stage before"
      ),
    ])

  private static let cohort = table(
    .cohort,
    [
      (
        "COHORT_EMPTY", "No case reached a stage that needs some; the run stops",
        "Look where the cases were dropped or quarantined"
      ),
      (
        "COHORT_TOO_SMALL", "Fewer cases than min_cases reached a stage; the run stops",
        "Look where the cases were dropped or quarantined"
      ),
      (
        "DUPLICATE_CASE", "Two packets have the key of the same case",
        "Give each case a name of its own"
      ),
      (
        "MISSING_PARTNER", "A case arrived at one port of a stage and never at another",
        "Sources must give the same names to what belongs together"
      ),
      ("NOT_IN_FILE", "The file of prompts does not name the case", "Complete the file"),
      (
        "NOT_IN_TABLE", "The table does not name the case",
        "Complete the table, or say what happens to such cases"
      ),
      (
        "NOT_SENT", "A stage did not send an optional output that another one needs",
        "Look at the first stage's reasons"
      ),
      (
        "TOO_FEW_CASES", "There are too few cases to train on; the run stops",
        "Look where the cases were dropped or quarantined"
      ),
      (
        "TOO_FEW_SLICES", "There are too few slices of a class to train on; the run stops",
        "Look at the labels"
      ),
      (
        "TOO_MANY_QUARANTINED", "More cases than max_quarantined were quarantined; the run stops",
        "Look at the quarantined cases first"
      ),
      (
        "UNKNOWN_CASE", "A source does not know a case that it has announced",
        "Report it to the author of the source"
      ),
    ])

  private static let settings = table(
    .settings,
    [
      (
        "BAD_MODEL", "A model's network or settings make no sense for the stage",
        "Choose a model of the right kind"
      ),
      ("BAD_PARAMETER", "A value of a parameter is not possible", "The reason says which and why"),
      ("BAD_PATTERN", "A regular expression cannot be read", "Correct it"),
      (
        "BAD_TEMPLATE", "The template of the phantom is not what is expected",
        "Install mricron-data"
      ),
      ("BAD_WEIGHTS", "Weights do not fit the network", "Choose another file"),
      (
        "GROUND_TRUTH", "Ground truth would reach training; the run stops",
        "Take the file out of the sources, or connect it to evaluation only"
      ),
      ("MISSING_PARAMETER", "A parameter that is required has no value", "Set it"),
      ("NOTHING_CONNECTED", "None of the optional inputs is connected", "Connect one"),
      (
        "NO_MODEL", "The model is not on this machine, or is damaged",
        "pons models fetch NAME; pons models verify"
      ),
      ("NO_PROMPTS", "All kinds of prompts are switched off", "Switch one on"),
      ("NO_PROVIDER", "No plugin offers the stage", "pons plugins list"),
      ("NO_SPACING", "There is neither a spacing nor a reference", "Set one"),
      ("NO_TEMPLATE", "The template of the phantom cannot be read", "Install mricron-data"),
      (
        "STORE_VERSION", "The work folder was made by another version of Pons",
        "Name another one with --work"
      ),
      ("TOO_FINE", "Voxels of this size would be too many", "Choose larger voxels"),
      ("UNKNOWN_CLASS", "There is no class of this name", "The hint lists the classes"),
      ("UNKNOWN_PARAMETER", "There is no parameter of this name", "pons plugins info STAGE"),
      ("UNKNOWN_STAGE", "No plugin has the stage", "pons plugins list"),
      (
        "UNKNOWN_WORDS", "The model did not learn words of a text",
        "Use other words, or another model"
      ),
    ])

  private static let machine = table(
    .machine,
    [
      ("DISK_FULL", "The disk is full", "Make room and run again; what is finished is kept"),
      ("IN_THE_WAY", "A folder stands where a result belongs", "Move it away and run again"),
      ("IO_ERROR", "A system call failed", "The reason says which; look at the disk"),
      ("NOT_A_FOLDER", "A file stands where a folder is needed", "Move it away"),
      ("NO_PERMISSION", "The user may not read or write something", "Look at the permissions"),
      ("NO_THREADS", "No thread can be started", "Raise the limit of processes (ulimit -u)"),
      ("OUT_OF_MEMORY", "Memory ran out", "Use less --memory or fewer --jobs"),
      ("RESOURCE", "Something that the stage needs ran out", "The reason says what"),
      ("SITE_KEY", "The site key cannot be used", "The reason says why; restore it from a backup"),
      (
        "STORE_DAMAGED", "A kept result is damaged and cannot be made again in this run",
        "Run again"
      ),
      ("TOO_MANY_FILES", "Too many files are open", "Raise the limit (ulimit -n)"),
      (
        "TOO_MANY_HANDLES", "A stage holds too many packets at once",
        "Report it to the author of the stage"
      ),
    ])

  private static let bug = table(
    .bug,
    [
      ("BAD_ATTRIBUTE", "A DICOM attribute got a value that it may not have", "Report it"),
      (
        "BAD_CASE", "A stage named a case that it did not get",
        "Report it to the author of the stage"
      ),
      (
        "BAD_DESCRIPTOR", "A plugin describes itself wrongly",
        "Report it to the author of the plugin"
      ),
      (
        "BAD_FILE", "A stage gave a file a name that is none",
        "Report it to the author of the stage"
      ),
      ("BAD_FILES", "A packet of files lists none", "Report it to the author of the stage"),
      (
        "BAD_FORWARD", "A stage passed on a packet that it may not pass on",
        "Report it to the author of the stage"
      ),
      ("BAD_GRAPH", "The graph contradicts itself", "Report it with the manifest"),
      ("BAD_INPUT", "A stage refused its input and gave no code", "The reason says why"),
      (
        "BAD_METADATA", "Metadata or sidecar are no JSON objects",
        "Report it to the author of the stage"
      ),
      ("BAD_PACKET", "A packet is not as its kind says", "Report it to the author of the stage"),
      (
        "BAD_SCHEMA", "A stage describes its parameters wrongly",
        "Report it to the author of the stage"
      ),
      (
        "BAD_STATUS", "A stage answered with an unknown status",
        "Report it to the author of the stage"
      ),
      ("BAD_TENSOR_NAME", "A tensor's name is none", "Report it to the author of the stage"),
      ("DIGEST", "libcrypto cannot compute SHA-256", "Report it"),
      (
        "DIVERGED", "Training diverged: the loss is not a number",
        "Lower the learning rate; look at the intensities"
      ),
      (
        "INCOMPLETE", "A stage neither sent nor dropped a case",
        "Report it to the author of the stage"
      ),
      ("INTERNAL", "A stage failed and gave no code", "Report it with the reason"),
      (
        "NOT_ASKING", "A stage asks for absent cases without saying so",
        "Report it to the author of the stage"
      ),
      (
        "NOT_CANCELLED", "A stage gave up though nobody had asked it to",
        "Report it to the author of the stage"
      ),
      ("NOT_ENCODED", "A DICOM object cannot be put together", "Report it"),
      (
        "NOT_ENUMERATING", "A stage announced cases outside of enumerate",
        "Report it to the author of the stage"
      ),
      (
        "NOT_REPEATABLE", "A stage that calls itself deterministic did not send the same again",
        "Report it to the author of the stage"
      ),
      ("NOT_STORED", "Files of a result were not kept", "Report it"),
      (
        "NO_CASE_KEYS", "A stage asks for keys of cases without saying so",
        "Report it to the author of the stage"
      ),
      ("NO_PICTURE", "libpng could not write a picture", "Report it"),
      (
        "NO_SUCH_INPUT", "A stage asked for a packet that is not there",
        "Report it to the author of the stage"
      ),
      ("PLUGIN_CHANGED", "A plugin changed while the run was beginning", "Run again"),
      (
        "PLUGIN_MISTAKE", "A plugin broke a rule of its interface",
        "Report it to the author of the plugin"
      ),
      ("SEALED_TWICE", "A packet was sent twice", "Report it to the author of the stage"),
      ("SENT_TWICE", "A port got two packets for a case", "Report it to the author of the stage"),
      ("UNDESCRIBED", "A stage failed without saying why", "Report it to the author of the stage"),
      (
        "UNKNOWN_PORT", "A stage named a port that it does not have",
        "Report it to the author of the stage"
      ),
      (
        "UNKNOWN_TENSOR", "A stage named a tensor that it did not ask for",
        "Report it to the author of the stage"
      ),
      (
        "WRONG_SIZE", "A tensor got more or fewer elements than it has",
        "Report it to the author of the stage"
      ),
    ])

  private static let run = table(
    .run,
    [
      (
        "CANCELLED", "The run was cancelled before the case was done",
        "Run again: it goes on from there"
      ),
      (
        "RUN_STOPPED", "A stage stopped the run before the case was done",
        "Look at stopped_by in summary.json"
      ),
    ])

  private static func table(_ area: Area, _ rows: [(String, String, String)]) -> [ReasonCode] {
    rows.map { ReasonCode(code: $0.0, area: area, meaning: $0.1, advice: $0.2) }
  }
}

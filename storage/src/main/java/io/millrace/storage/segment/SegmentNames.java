package io.millrace.storage.segment;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/** Names of a segment's files: the base offset in 20 digits, as Kafka names them. */
public final class SegmentNames {
    public static final String LOG = ".log";
    public static final String INDEX = ".index";
    public static final String ABORTED = ".txnindex";

    /** Ours, and none of Kafka's. */
    public static final String PRODUCERS = ".producers";

    public static final String DELETED = ".deleted";
    public static final String CLEANED = ".cleaned";
    public static final String SWAP = ".swap";

    /** Bad bytes that were kept when a segment was repaired. */
    public static final String DAMAGED = ".damaged";

    /** The data file of a log's first segment, if the log begins at 0. */
    public static final String FIRST = "0".repeat(20) + LOG;

    private static final int DIGITS = 20;

    private SegmentNames() {}

    /** The file of a segment in a folder. */
    public static Path file(Path folder, long baseOffset, String suffix) {
        return folder.resolve(String.format(Locale.ROOT, "%020d", baseOffset) + suffix);
    }

    /** Whether a file is one of a segment's, of whatever kind. */
    public static boolean isOfSegment(String fileName) {
        return fileName.length() > DIGITS
                && fileName.charAt(DIGITS) == '.'
                && startsWithDigits(fileName);
    }

    private static boolean startsWithDigits(String fileName) {
        return fileName.chars().limit(DIGITS).allMatch(c -> c >= '0' && c <= '9');
    }

    /** The base offset in a data file's name; empty if it is none. */
    public static OptionalLong baseOffset(String fileName, String suffix) {
        if (fileName.length() != DIGITS + suffix.length()
                || !fileName.endsWith(suffix)
                || !startsWithDigits(fileName)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(fileName.substring(0, DIGITS)));
        } catch (NumberFormatException tooLarge) {
            return OptionalLong.empty();
        }
    }
}

package io.millrace.storage.segment;

import java.io.IOException;
import java.nio.file.Path;

/** An index file is not there, or not as it was written: it is to be made again from the log. */
public final class LostIndexException extends IOException {
    private static final long serialVersionUID = 1;

    LostIndexException(Path file) {
        super(file + " is damaged or missing");
    }
}

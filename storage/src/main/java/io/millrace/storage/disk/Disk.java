package io.millrace.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system as storage needs it. Thread-safe; every call blocks. What opens a file or a folder
 * throws {@link TooManyFilesException}, and has done nothing, where no more may be open; but a
 * durable {@link #replace} may have replaced the file then.
 */
public interface Disk {
    /** Names of the entries of a folder, in no order; empty if there is no such folder. */
    List<String> list(Path folder) throws IOException;

    /** Makes a folder and those above it that are missing. */
    void createFolder(Path folder) throws IOException;

    /** Opens a file for reading and writing, and creates it if there is none. */
    DiskFile open(Path file) throws IOException;

    /** All bytes of a small file; empty if there is no such file. */
    ByteBuffer readWhole(Path file) throws IOException;

    /**
     * Replaces a small file in one step: after a crash it is the old one or the new one.
     *
     * @param durable whether the new one is on disk when this returns
     */
    void replace(Path file, ByteBuffer content, boolean durable) throws IOException;

    /** Size in bytes; 0 if there is no such file. */
    long size(Path file) throws IOException;

    /** Renames a file or folder in one step, over a file that is there. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file, or a folder with all that is in it; nothing happens if there is none. */
    void delete(Path path) throws IOException;

    /** Makes the entries of a folder (its new, renamed and deleted files) durable. */
    void syncFolder(Path folder) throws IOException;

    /** Bytes that may still be written on the file system of a folder. */
    long usableBytes(Path folder) throws IOException;
}

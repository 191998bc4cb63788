package io.millrace.bench.lab.fault;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A second folder beside the data folder that holds only what a failure of the power must leave: of
 * each file what was there at its last sync, under the names that its folder had at its last sync.
 * It survives the process that writes it. Thread-safe.
 */
public final class DurableCopy {
    private final Path data;
    private final Path durable;

    /** Files that were synced, and their folders not yet. */
    private final Path pending;

    /**
     * Where each file was first changed since it was copied; what is missing here was never copied.
     */
    private final Map<Path, Long> firstChange = new HashMap<>();

    /** Folders that were synced before the one above them was: they appear with what they hold. */
    private final Set<Path> syncedBeforeNamed = new HashSet<>();

    private DurableCopy(Path data) {
        this.data = data;
        durable = data.resolveSibling(data.getFileName() + ".durable");
        pending = data.resolveSibling(data.getFileName() + ".pending");
    }

    /** Follows a data folder from now on. What it holds without a sync of ours is not durable. */
    public static DurableCopy of(Path data) throws IOException {
        var copy = new DurableCopy(data.toAbsolutePath());
        delete(copy.pending);
        Files.createDirectories(copy.durable);
        return copy;
    }

    /** Puts a data folder, which nobody uses, in the state that a failure of the power leaves. */
    public static void loseUnsynced(Path data) throws IOException {
        var copy = new DurableCopy(data.toAbsolutePath());
        delete(copy.data);
        copyTree(copy.durable, copy.data);
    }

    public static Path folderOf(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent());
    }

    private Path in(Path root, Path path) {
        return root.resolve(data.relativize(path.toAbsolutePath()));
    }

    /** A file is about to change from a position on. */
    public synchronized void changed(Path file, long position) {
        firstChange.computeIfPresent(file, (key, first) -> Math.min(first, position));
    }

    /** A file as it is when its sync begins. */
    public final class Snapshot {
        private final Path file;
        private final long from;
        private final long size;

        private Snapshot(Path file, long from, long size) {
            this.file = file;
            this.from = from;
            this.size = size;
        }

        /** The sync has ended. */
        void becameDurable() throws IOException {
            copyRange(file, from, size);
        }
    }

    /** Call before a file is synced. */
    public synchronized Snapshot snapshot(Path file, long size) {
        Long from = firstChange.put(file, size);
        return new Snapshot(file, from == null ? 0 : from, size);
    }

    private synchronized void copyRange(Path file, long from, long size) throws IOException {
        Path known = in(durable, file);
        Path target =
                Files.exists(known) && !Files.exists(in(pending, file)) ? known : in(pending, file);
        Files.createDirectories(folderOf(target));
        try (var source = FileChannel.open(file, StandardOpenOption.READ);
                var sink =
                        FileChannel.open(
                                target, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long at = Math.min(from, sink.size());
            sink.position(at);
            while (at < size) {
                long moved = source.transferTo(at, size - at, sink);
                if (moved <= 0) {
                    break;
                }
                at += moved;
            }
            sink.truncate(at);
        }
    }

    /** A small file was replaced, and its folder synced. */
    public synchronized void replaced(Path file) throws IOException {
        firstChange.remove(file);
        Path fresh = in(pending, file);
        Files.createDirectories(folderOf(fresh));
        Files.copy(file, fresh, StandardCopyOption.REPLACE_EXISTING);
        folderSynced(folderOf(file));
    }

    /** A file or folder has another name, which is not durable yet. */
    public synchronized void renamed(Path from, Path to) throws IOException {
        firstChange.remove(from);
        firstChange.remove(to);
        Path content = Files.exists(in(pending, from)) ? in(pending, from) : in(durable, from);
        if (Files.exists(content)) {
            Path target = in(pending, to);
            delete(target);
            Files.createDirectories(folderOf(target));
            copyTree(content, target);
        }
    }

    /** The names in a folder are durable. */
    public synchronized void folderSynced(Path folder) throws IOException {
        Path kept = in(durable, folder);
        if (!Files.isDirectory(kept)) {
            syncedBeforeNamed.add(folder);
            return;
        }
        try (var old = Files.newDirectoryStream(kept)) {
            for (Path entry : old) {
                if (!Files.exists(folder.resolve(String.valueOf(entry.getFileName())))) {
                    delete(entry);
                }
            }
        }
        try (var entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                appear(entry, in(durable, entry));
            }
        }
    }

    private void appear(Path entry, Path kept) throws IOException {
        Path waiting = in(pending, entry);
        if (Files.isDirectory(entry)) {
            Files.createDirectories(kept);
            if (syncedBeforeNamed.remove(entry)) {
                folderSynced(entry);
            }
        } else if (Files.exists(waiting)) {
            Files.move(
                    waiting,
                    kept,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        Files.createDirectories(to.resolve(from.relativize(folder)));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.copy(
                                file,
                                to.resolve(from.relativize(file)),
                                StandardCopyOption.REPLACE_EXISTING);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /** Deletes a file, or a folder with all that is in it; nothing happens if there is none. */
    public static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path done, @Nullable IOException failure) throws IOException {
                        Files.delete(done);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}

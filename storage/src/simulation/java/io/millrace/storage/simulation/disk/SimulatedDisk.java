package io.millrace.storage.simulation.disk;

import io.millrace.storage.disk.Disk;
import io.millrace.storage.disk.DiskFile;
import io.millrace.storage.disk.DiskFullException;
import io.millrace.storage.disk.TooManyFilesException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory, with the faults of real ones under a seed. A file's bytes survive a loss
 * of power once the file was synced, its name once its folder was; what was not synced survives
 * wholly, partly or not at all. Names are journaled: of the changes not synced a first part
 * survives. Not thread-safe.
 */
public final class SimulatedDisk implements Disk {
    private final Random random;
    private final TreeMap<Path, Inode> files = new TreeMap<>();
    private final TreeSet<Path> folders = new TreeSet<>();
    private final TreeMap<Path, Inode> storedFiles = new TreeMap<>();
    private final TreeSet<Path> storedFolders = new TreeSet<>();
    private final List<NameChange> journal = new ArrayList<>();
    private final TreeSet<Path> unreadable = new TreeSet<>();
    private int opens;
    private int generation;
    private long capacityBytes = Long.MAX_VALUE;
    private long crashIn = -1;
    private boolean crashed;
    private int failingSyncs;
    private boolean lyingAboutSyncs;
    private int failingWrites;
    private int percentRefused;
    private int refused;

    /** A change of one folder's entries. */
    private record NameChange(Path folder, Runnable onStored) {}

    /**
     * An empty disk.
     *
     * @param root a folder that is there from the start
     */
    public SimulatedDisk(long seed, Path root) {
        random = new Random(seed);
        for (Path path = root; path != null; path = path.getParent()) {
            folders.add(path);
            storedFolders.add(path);
        }
    }

    /** The process dies at the n-th change from now (0: at the next). */
    public void crashIn(int changes) {
        crashIn = changes;
    }

    /** Whether the process has died over a change, whoever caught what was thrown then. */
    public boolean hasCrashed() {
        return crashed;
    }

    /** No more than that many bytes fit on the disk. */
    public void capacity(long bytes) {
        capacityBytes = bytes;
    }

    /** The next syncs of files fail, and what they were to store is lost. */
    public void failSyncs(int count) {
        failingSyncs = count;
    }

    /** From now on syncs of files do nothing, and say that they did. */
    public void lieAboutSyncs() {
        lyingAboutSyncs = true;
    }

    /** The next writes fail with an input/output error after a part of their bytes. */
    public void failWrites(int count) {
        failingWrites = count;
    }

    /** So many of a hundred calls that open something find that no more files may be open. */
    public void refuseOpens(int percent) {
        percentRefused = percent;
    }

    /** How many such calls there were. */
    public int refusedOpens() {
        return refused;
    }

    private void opening(Path path) throws TooManyFilesException {
        if (percentRefused > 0 && random.nextInt(100) < percentRefused) {
            refused++;
            throw new TooManyFilesException(
                    path + ": Too many open files", new IOException("refused"));
        }
    }

    /** Reads of a file fail. */
    public void failReads(Path file) {
        unreadable.add(file);
    }

    /** Changes one bit, on disk too. */
    public void flip(Path file, int position, int bit) {
        inode(file).flip(position, bit);
    }

    /** Changes bytes as another program might. */
    public void overwrite(Path file, int position, byte[] bytes) {
        Inode inode = inode(file);
        inode.write(position, bytes);
        inode.sync();
    }

    /** Cuts a file as another program might. */
    public void cut(Path file, int size) {
        Inode inode = inode(file);
        inode.truncate(size);
        inode.sync();
    }

    /** Every file, in order. */
    public List<Path> files() {
        return List.copyOf(files.keySet());
    }

    /** A copy of a file's bytes. */
    public byte[] bytes(Path file) {
        return inode(file).bytes().clone();
    }

    /** How many files are open. */
    public int openFiles() {
        return opens;
    }

    public long usedBytes() {
        return files.values().stream().mapToLong(Inode::size).sum();
    }

    private Inode inode(Path file) {
        return Objects.requireNonNull(files.get(file), () -> "no file " + file);
    }

    /** The process is gone; the kernel keeps what it was given. */
    public void killProcess() {
        opens = 0;
        generation++;
        crashIn = -1;
        crashed = false;
        failingSyncs = 0;
        failingWrites = 0;
    }

    /** The machine is gone; only what reached the disk is left. */
    public void losePower() {
        killProcess();
        int kept = journal.isEmpty() ? 0 : random.nextInt(journal.size() + 1);
        for (int i = 0; i < kept; i++) {
            journal.get(i).onStored().run();
        }
        journal.clear();
        files.clear();
        files.putAll(storedFiles);
        folders.clear();
        folders.addAll(storedFolders);
        files.keySet().removeIf(file -> !folders.contains(parentOf(file)));
        storedFiles.keySet().retainAll(files.keySet());
        List.copyOf(files.values()).forEach(inode -> inode.losePower(random));
    }

    private static Path parentOf(Path path) {
        return Objects.requireNonNull(path.getParent());
    }

    private void changing(String what) {
        if (crashIn == 0) {
            crashed = true;
            throw new SimulatedCrash(what);
        }
        if (crashIn > 0) {
            crashIn--;
        }
    }

    private void record(Path folder, Runnable onStored) {
        journal.add(new NameChange(folder, onStored));
    }

    private void store(Predicate<NameChange> wanted) {
        for (NameChange change : List.copyOf(journal)) {
            if (wanted.test(change)) {
                change.onStored().run();
                journal.remove(change);
            }
        }
    }

    @Override
    public List<String> list(Path folder) {
        var names = new ArrayList<String>();
        for (Path path : files.keySet()) {
            if (parentOf(path).equals(folder)) {
                names.add(String.valueOf(path.getFileName()));
            }
        }
        for (Path path : folders) {
            if (folder.equals(path.getParent())) {
                names.add(String.valueOf(path.getFileName()));
            }
        }
        names.sort(Comparator.reverseOrder());
        return names;
    }

    @Override
    public void createFolder(Path folder) {
        for (Path path = folder; path != null && !folders.contains(path); path = path.getParent()) {
            changing("create " + path);
            Path made = path;
            folders.add(made);
            record(parentOf(made), () -> storedFolders.add(made));
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        opening(file);
        Inode inode = files.get(file);
        if (inode == null) {
            inode = create(file);
        }
        opens++;
        return new SimulatedFile(file, inode, generation);
    }

    private Inode create(Path file) throws IOException {
        if (!folders.contains(parentOf(file))) {
            throw new IOException("no folder " + file.getParent());
        }
        changing("create " + file);
        var made = new Inode();
        files.put(file, made);
        record(parentOf(file), () -> storedFiles.put(file, made));
        return made;
    }

    @Override
    public ByteBuffer readWhole(Path file) throws IOException {
        opening(file);
        Inode inode = files.get(file);
        checkReadable(file);
        return ByteBuffer.wrap(inode == null ? new byte[0] : inode.bytes().clone());
    }

    private void checkReadable(Path file) throws IOException {
        if (unreadable.contains(file)) {
            throw new IOException("Input/output error reading " + file);
        }
    }

    @Override
    public void replace(Path file, ByteBuffer content, boolean durable) throws IOException {
        opening(file);
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        delete(fresh);
        Inode inode = create(fresh);
        new SimulatedFile(fresh, inode, generation).write(content, 0);
        if (durable) {
            changing("sync " + fresh);
            inode.sync();
        }
        rename(fresh, file);
        if (durable) {
            syncFolder(parentOf(file));
        }
    }

    @Override
    public long size(Path file) {
        Inode inode = files.get(file);
        return inode == null ? 0 : inode.size();
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        changing("rename " + from);
        if (folders.contains(from)) {
            renameFolder(from, to);
            return;
        }
        Inode moved = files.remove(from);
        if (moved == null) {
            throw new IOException("no file " + from);
        }
        files.put(to, moved);
        record(
                parentOf(to),
                () -> {
                    storedFiles.remove(from, moved);
                    storedFiles.put(to, moved);
                });
    }

    private void renameFolder(Path from, Path to) {
        move(files, folders, from, to);
        record(parentOf(to), () -> move(storedFiles, storedFolders, from, to));
    }

    private static void move(Map<Path, Inode> files, Set<Path> folders, Path from, Path to) {
        for (Path path : List.copyOf(files.keySet())) {
            Inode inode = path.startsWith(from) ? files.remove(path) : null;
            if (inode != null) {
                files.put(to.resolve(from.relativize(path)), inode);
            }
        }
        if (folders.remove(from)) {
            folders.add(to);
        }
    }

    @Override
    public void delete(Path path) {
        for (Path entry : List.copyOf(files.tailMap(path).keySet())) {
            Inode gone = entry.startsWith(path) ? files.get(entry) : null;
            if (gone != null) {
                changing("delete " + entry);
                files.remove(entry);
                record(parentOf(entry), () -> storedFiles.remove(entry, gone));
            }
        }
        if (folders.remove(path)) {
            record(parentOf(path), () -> storedFolders.remove(path));
        }
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        opening(folder);
        if (!folders.contains(folder)) {
            throw new IOException("no folder " + folder);
        }
        changing("sync " + folder);
        store(change -> change.folder().equals(folder));
    }

    @Override
    public long usableBytes(Path folder) {
        return Math.max(0, capacityBytes - usedBytes());
    }

    /** One open file. */
    private final class SimulatedFile implements DiskFile {
        private final Path path;
        private final Inode inode;
        private final int openedIn;
        private boolean closed;

        SimulatedFile(Path path, Inode inode, int openedIn) {
            this.path = path;
            this.inode = inode;
            this.openedIn = openedIn;
        }

        private void checkOpen() throws IOException {
            if (closed || openedIn != generation) {
                throw new IOException(path + " is not open");
            }
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            checkOpen();
            int wanted = bytes.remaining();
            long growth = Math.max(0, position + wanted - inode.size());
            long room = Math.max(0, capacityBytes - usedBytes());
            boolean full = growth > room;
            boolean fails = failingWrites > 0;
            boolean dies = crashIn == 0;
            int taken = full || fails || dies ? random.nextInt(wanted + 1) : wanted;
            if (full) {
                taken = (int) Math.min(taken, Math.max(0, inode.size() + room - position));
            }
            byte[] copy = new byte[taken];
            bytes.get(copy);
            inode.write((int) position, copy);
            changing("write of " + path);
            if (full) {
                throw new DiskFullException("No space left on device", new IOException("full"));
            }
            if (fails) {
                failingWrites--;
                throw new IOException("Input/output error writing " + path);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            checkOpen();
            checkReadable(path);
            int there = (int) Math.max(0, inode.size() - position);
            int count = Math.min(there, target.remaining());
            target.put(inode.bytes(), (int) Math.min(position, inode.size()), count);
            return count;
        }

        @Override
        public void sync() throws IOException {
            checkOpen();
            changing("sync of " + path);
            if (failingSyncs > 0) {
                failingSyncs--;
                inode.failSync();
                throw new IOException("Input/output error syncing " + path);
            }
            if (!lyingAboutSyncs) {
                inode.sync();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            checkOpen();
            changing("truncate of " + path);
            if (size < inode.size()) {
                inode.truncate((int) size);
            }
        }

        @Override
        public long size() {
            return inode.size();
        }

        @Override
        public @Nullable FileChannel channel() {
            return null;
        }

        @Override
        public void close() throws IOException {
            checkOpen();
            closed = true;
            opens--;
        }
    }
}

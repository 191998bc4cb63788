package io.millrace.bench.torture.node;

import io.millrace.bench.torture.plan.NodeFault.Way;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The nodes' disks: a file system each, in a file of its own, where this machine lets us mount
 * them; else folders of one disk, which is not filled.
 */
public final class Volumes implements AutoCloseable {
    /** What a node keeps free. */
    public static final long RESERVE_BYTES = 32 << 20;

    private static final String SIZE = "768M";
    private static final int FILL_BYTES = 64 * 1024;

    private final Path folder;
    private final boolean mounted;
    private final int nodes;

    private Volumes(Path folder, boolean mounted, int nodes) {
        this.folder = folder;
        this.mounted = mounted;
        this.nodes = nodes;
    }

    /** Makes the disks of so many nodes in an empty folder. */
    public static Volumes create(Path folder, int nodes) throws IOException {
        for (int node = 1; node <= nodes; node++) {
            Path mountPoint = Files.createDirectories(folder.resolve("disk-" + node));
            Path image = folder.resolve("disk-" + node + ".img");
            boolean mounted =
                    Commands.works("truncate", "-s", SIZE, image.toString())
                            && Commands.works("mkfs.ext4", "-q", "-m", "0", image.toString())
                            && Commands.works(
                                    "mount", "-o", "loop", image.toString(), mountPoint.toString());
            if (!mounted) {
                Files.deleteIfExists(image);
                unmount(folder, node - 1);
                return new Volumes(folder, false, nodes);
            }
        }
        return new Volumes(folder, true, nodes);
    }

    /** Whether a disk can be filled without harm to anybody else. */
    public boolean fills() {
        return mounted;
    }

    /** In words, for whoever reads the result. */
    public String description() {
        return mounted
                ? "a file system of " + SIZE + " for each"
                : "folders of one disk, as no file system can be mounted: no disk-full";
    }

    private Path disk(int node) {
        return folder.resolve("disk-" + node);
    }

    /** The data folder of a node. */
    public Path data(int node) {
        return disk(node).resolve("data");
    }

    private Path filler(int node) {
        return disk(node).resolve("filler");
    }

    /** Takes the space of a node's disk: half of the reserve stays, or nothing. */
    public void fill(int node, Way way) throws IOException {
        long free = Files.getFileStore(disk(node)).getUsableSpace();
        long left = way == Way.BELOW_RESERVE ? RESERVE_BYTES / 2 : 1 << 20;
        Commands.run(
                "fallocate",
                "-l",
                Long.toString(Math.max(1, free - left)),
                filler(node).toString());
        if (way == Way.TO_THE_LAST_BYTE) {
            fillUp(filler(node));
        }
    }

    private static void fillUp(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
            while (channel.write(ByteBuffer.allocate(FILL_BYTES)) == FILL_BYTES) {
                // Until nothing more fits, or not all of it.
            }
        } catch (IOException e) {
            if (Files.getFileStore(file).getUsableSpace() > 1 << 20) {
                throw e;
            }
        }
    }

    /** Gives a node's disk its space back. */
    public void free(int node) throws IOException {
        Files.deleteIfExists(filler(node));
    }

    @Override
    public void close() {
        if (mounted) {
            unmount(folder, nodes);
        }
    }

    private static void unmount(Path folder, int nodes) {
        var undoing = new ArrayList<String[]>();
        for (int node = 1; node <= nodes; node++) {
            undoing.add(new String[] {"umount", folder.resolve("disk-" + node).toString()});
        }
        Commands.undo(List.copyOf(undoing));
    }
}

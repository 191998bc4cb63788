package io.millrace.cluster.controller;

import io.millrace.cluster.proto.MetadataRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts what was decided into pieces that are committed one after the other, since a node that comes
 * or goes may change more partitions than go into one. Each piece is committed whole or not at all;
 * another controller may take over after any of them. Stateless.
 *
 * <p>So records of one command are kept together, but for the changes of partitions: each of these
 * stands for itself, and a command has its other records where a cut does no harm (see {@link
 * NodeChanges}). Commands that were submitted together are if that is small.
 */
public final class Pieces {
    /** What a piece has in bytes, unless one command's records that belong together are more. */
    public static final int PIECE_BYTES = 512 << 10;

    private Pieces() {}

    /**
     * All records in their order.
     *
     * @param decisions the records of each command
     * @param pieceBytes of their encoded sizes
     */
    public static List<List<MetadataRecord>> of(
            List<List<MetadataRecord>> decisions, int pieceBytes) {
        var pieces = new ArrayList<List<MetadataRecord>>();
        var piece = new ArrayList<MetadataRecord>();
        int bytes = 0;
        for (List<MetadataRecord> records : decisions) {
            int from = 0;
            while (from < records.size()) {
                int to = endOfGroup(records, from);
                List<MetadataRecord> group = records.subList(from, to);
                int groupBytes = group.stream().mapToInt(MetadataRecord::getSerializedSize).sum();
                if (!piece.isEmpty() && bytes + groupBytes > pieceBytes) {
                    pieces.add(piece);
                    piece = new ArrayList<>();
                    bytes = 0;
                }
                piece.addAll(group);
                bytes += groupBytes;
                from = to;
            }
        }
        if (!piece.isEmpty()) {
            pieces.add(piece);
        }
        return pieces;
    }

    private static int endOfGroup(List<MetadataRecord> records, int from) {
        int to = from + 1;
        while (to < records.size()
                && !records.get(to - 1).hasPartitionChanged()
                && !records.get(to).hasPartitionChanged()) {
            to++;
        }
        return to;
    }
}

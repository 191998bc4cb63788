package io.millrace.cluster.quorum.raft;

import io.millrace.storage.StorageException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.raft.FileQuorumStateStore;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.RaftClientParts.Member;
import org.apache.kafka.raft.RaftLog;
import org.apache.kafka.raft.ReplicaKey;
import org.apache.kafka.raft.VoterSet;
import org.apache.kafka.raft.VoterSet.VoterNode;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.KRaftVersion;
import org.apache.kafka.snapshot.RecordsSnapshotWriter;
import org.apache.kafka.snapshot.Snapshots;

/**
 * The first voter of a quorum whose voters may change: what Kafka's formatting tool leaves of it in
 * the folder, a snapshot of nothing but the voters (KIP-853).
 */
record FirstVoter(Member member) {

    /**
     * Begins the log, if nothing was ever in it. Blocks until that is on disk.
     *
     * @throws StorageException if it cannot be written
     */
    void writeTo(RaftLog log, Path folder) {
        if (log.endOffset().offset() > 0
                || log.latestSnapshotId().isPresent()
                || Files.exists(folder.resolve(FileQuorumStateStore.DEFAULT_FILE_NAME))) {
            return;
        }
        try {
            log.createNewSnapshotUnchecked(Snapshots.BOOTSTRAP_SNAPSHOT_ID)
                    .ifPresent(raw -> {
                        var builder =
                                new RecordsSnapshotWriter.Builder()
                                        .setKraftVersion(KRaftVersion.KRAFT_VERSION_1)
                                        .setVoterSet(Optional.of(voters()))
                                        .setMaxBatchSizeBytes(KafkaRaftClient.MAX_BATCH_SIZE_BYTES)
                                        .setRawSnapshotWriter(raw);
                        try (var writer = builder.build(new MetadataRecordSerde())) {
                            writer.freeze();
                        }
                    });
        } catch (UncheckedIOException | KafkaException e) {
            throw new StorageException(folder, "cannot begin the metadata log", e);
        }
    }

    private VoterSet voters() {
        return VoterSet.fromMap(
                Map.of(
                        member.nodeId(),
                        VoterNode.of(
                                ReplicaKey.of(member.nodeId(), member.directoryId()),
                                member.endpoints(),
                                Feature.KRAFT_VERSION.supportedVersionRange())));
    }
}

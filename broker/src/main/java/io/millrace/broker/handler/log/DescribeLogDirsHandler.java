package io.millrace.broker.handler.log;

import io.millrace.broker.handler.ApiHandler;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.PartitionDirectory;
import io.millrace.broker.loop.PartitionDirectory.HostedTopic;
import io.millrace.broker.loop.Scatter;
import io.millrace.broker.wire.Request;
import io.millrace.storage.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;

/** DescribeLogDirs: the data folder, its room, and the sizes of the partitions in it. */
public final class DescribeLogDirsHandler implements ApiHandler {
    private static final long NOT_HERE = -1;

    private final PartitionDirectory directory;
    private final Disk disk;
    private final Path folder;

    public DescribeLogDirsHandler(PartitionDirectory directory, Disk disk, Path folder) {
        this.directory = directory;
        this.disk = disk;
        this.folder = folder;
    }

    @Override
    public ApiKeys api() {
        return ApiKeys.DESCRIBE_LOG_DIRS;
    }

    @Override
    public void handle(Request request) {
        var asked = request.body(DescribeLogDirsRequest.class).data().topics();
        var result =
                new DescribeLogDirsResult()
                        .setLogDir(folder.toString())
                        .setErrorCode(Errors.NONE.code());
        var scatter = new Scatter();
        if (asked == null) {
            directory.all().forEach(topic -> add(result, scatter, topic, topic.partitions()));
        } else {
            for (DescribableLogDirTopic wanted : asked) {
                HostedTopic topic = directory.topic(wanted.topic());
                if (topic != null) {
                    add(result, scatter, topic, chosen(topic, wanted.partitions()));
                }
            }
        }
        scatter.start(() -> {
            var data = new DescribeLogDirsResponseData();
            for (DescribeLogDirsTopic topic : result.topics()) {
                topic.partitions().removeIf(each -> each.partitionSize() == NOT_HERE);
            }
            data.results().add(withRoom(result));
            request.answer(new DescribeLogDirsResponse(data));
        });
    }

    private static List<Partition> chosen(HostedTopic topic, List<Integer> indexes) {
        var chosen = new ArrayList<Partition>();
        for (int index : indexes) {
            Partition partition = topic.partition(index);
            if (partition != null) {
                chosen.add(partition);
            }
        }
        return chosen;
    }

    private static void add(
            DescribeLogDirsResult result,
            Scatter scatter,
            HostedTopic topic,
            List<Partition> partitions) {
        var described = new DescribeLogDirsTopic().setName(topic.name());
        result.topics().add(described);
        for (Partition partition : partitions) {
            var slot = new DescribeLogDirsPartition().setPartitionIndex(partition.id().index());
            described.partitions().add(slot);
            scatter.add(
                    partition.loop(),
                    () -> {
                        boolean here = partition.isHosted() && !partition.isDeleted();
                        slot.setPartitionSize(here ? partition.log().sizeBytes() : NOT_HERE);
                    });
        }
    }

    private DescribeLogDirsResult withRoom(DescribeLogDirsResult result) {
        try {
            result.setTotalBytes(Files.getFileStore(folder).getTotalSpace());
            result.setUsableBytes(disk.usableBytes(folder));
        } catch (IOException e) {
            result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
        }
        return result;
    }
}

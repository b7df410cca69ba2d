// Writes records with kafka-go's Writer and reads them with its Reader: one partition by offset, then the whole
// topic as a group that commits.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

const (
	topic      = "reader-writer"
	partitions = 3
	records    = 300
)

func bootstrap() string {
	if address := os.Getenv("BOOTSTRAP"); address != "" {
		return address
	}
	return "localhost:9092"
}

func must(err error, doing string) {
	if err != nil {
		log.Fatalf("%s: %v", doing, err)
	}
}

// createTopic asks the controller, as only it may create topics.
func createTopic(ctx context.Context) {
	conn, err := kafka.DialContext(ctx, "tcp", bootstrap())
	must(err, "dial")
	defer conn.Close()
	controller, err := conn.Controller()
	must(err, "ask for the controller")
	direct, err := kafka.DialContext(ctx, "tcp", net.JoinHostPort(controller.Host, strconv.Itoa(controller.Port)))
	must(err, "dial the controller")
	defer direct.Close()
	must(direct.CreateTopics(kafka.TopicConfig{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}), "create the topic")
	fmt.Println("created", topic)
}

// write sends keyed records: this balancer puts a key into the partition where Java's producer would put it.
func write(ctx context.Context) {
	writer := &kafka.Writer{
		Addr:         kafka.TCP(bootstrap()),
		Topic:        topic,
		Balancer:     kafka.Murmur2Balancer{Consistent: true},
		RequiredAcks: kafka.RequireAll,
		BatchTimeout: 10 * time.Millisecond,
	}
	messages := make([]kafka.Message, records)
	for i := range messages {
		messages[i] = kafka.Message{Key: []byte(fmt.Sprintf("user-%d", i%20)), Value: []byte(strconv.Itoa(i))}
	}
	must(writer.WriteMessages(ctx, messages...), "write")
	must(writer.Close(), "close the writer")
	fmt.Println("wrote", records)
}

// readPartition reads a partition from its first offset, without a group.
func readPartition(ctx context.Context, partition int) int {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{bootstrap()}, Topic: topic, Partition: partition, MaxWait: time.Second})
	defer reader.Close()
	must(reader.SetOffset(kafka.FirstOffset), "seek")
	lag, err := reader.ReadLag(ctx)
	must(err, "ask for the lag")
	for i := int64(0); i < lag; i++ {
		message, err := reader.ReadMessage(ctx)
		must(err, "read")
		if message.Offset != i {
			log.Fatalf("partition %d: offset %d, wanted %d", partition, message.Offset, i)
		}
	}
	fmt.Println("partition", partition, "holds", lag)
	return int(lag)
}

// readAsGroup fetches and commits each record; last holds the newest number seen of every key.
func readAsGroup(ctx context.Context) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:     []string{bootstrap()},
		GroupID:     "readers",
		Topic:       topic,
		StartOffset: kafka.FirstOffset,
		MaxWait:     time.Second,
	})
	last := map[string]int{}
	for i := 0; i < records; i++ {
		message, err := reader.FetchMessage(ctx)
		must(err, "fetch")
		number, err := strconv.Atoi(string(message.Value))
		must(err, "parse")
		if before, seen := last[string(message.Key)]; seen && before >= number {
			log.Fatalf("%s: %d came after %d", message.Key, number, before)
		}
		last[string(message.Key)] = number
		must(reader.CommitMessages(ctx, message), "commit")
	}
	must(reader.Close(), "close the reader")
	fmt.Println("the group read", records)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	createTopic(ctx)
	write(ctx)
	found := 0
	for partition := 0; partition < partitions; partition++ {
		found += readPartition(ctx, partition)
	}
	if found != records {
		log.Fatalf("%d records in the partitions, wanted %d", found, records)
	}
	readAsGroup(ctx)
}
